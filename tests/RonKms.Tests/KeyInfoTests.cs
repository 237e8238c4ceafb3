namespace RonKms.Tests;

public sealed class KeyInfoTests
{
    [Fact]
    public void Its_text_tells_everything_labels_too_on_one_line()
    {
        using Keystore keystore = Keystore.InMemory();
        Dictionary<string, string> labels = new() { ["env"] = "prod", ["note"] = "two\nlines" };
        KeyInfo info = keystore.Get(keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { Labels = labels }));

        string text = info.ToString();

        Assert.Contains(@"Labels = [env=prod, note=two\nlines], ", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
        Assert.Contains($"Id = {info.Id}, State = Enabled, CreatedAt = {info.CreatedAt:O}, ", text, StringComparison.Ordinal);
        Assert.All(typeof(KeyInfo).GetProperties(), property => Assert.Contains($"{property.Name} = ", text, StringComparison.Ordinal));
    }
}
