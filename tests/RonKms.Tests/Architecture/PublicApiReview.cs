using System.Reflection;

namespace RonKms.Tests.Architecture;

/// <summary>Compares what users of an assembly can see with the text that was reviewed: Architecture/PublicApi.NAME.txt of the test project.</summary>
internal static class PublicApiReview
{
    private const string Update = "RONKMS_UPDATE_PUBLIC_API";

    internal static void Check(Assembly assembly)
    {
        string path = Path.GetFullPath(
            Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "Architecture", $"PublicApi.{assembly.GetName().Name}.txt"));
        string actual = PublicApiText.Write(assembly);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Assert.True(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), $"CI compares and writes nothing: unset {Update}.");
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
