namespace RonKms.Tests.Architecture;

/// <summary>What users can see is a text that is reviewed: PublicApi.RonKms.txt, beside this file.</summary>
public sealed class PublicApiTests
{
    private const string Update = "RONKMS_UPDATE_PUBLIC_API";

    [Fact]
    public void The_public_interface_is_the_one_that_was_reviewed()
    {
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "Architecture", "PublicApi.RonKms.txt"));
        string actual = PublicApiText.Write(typeof(Keystore).Assembly);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            File.WriteAllText(path, actual);
        }

        string[] reviewed = File.ReadAllLines(path);
        string[] built = actual.Split('\n')[..^1];
        Assert.True(
            reviewed.SequenceEqual(built),
            $"The public interface is not the one in {path}. If that is meant, run this test with {Update}=1 and have the difference reviewed.\n"
            + string.Join('\n', reviewed.Except(built).Select(line => "- " + line).Concat(built.Except(reviewed).Select(line => "+ " + line))));
    }
}
