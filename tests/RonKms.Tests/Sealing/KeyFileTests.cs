using System.Text;
using RonKms.Sealing;
using RonKms.Storage;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Sealing;

/// <summary>Files that key-encryption keys are read from.</summary>
public sealed class KeyFileTests : IDisposable
{
    private const string Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    private string Path => _directory["kek"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Key)]
    [InlineData(Key + "\n")]
    public void A_key_and_at_most_one_line_feed_is_taken(string text)
    {
        Write(text);

        KeyEncryptionKey.FromFile(Path).Dispose();
    }

    [Theory]
    [InlineData("", 0, false)]
    [InlineData("AAECAw==\n", 9, false)]
    [InlineData(Key + "\n\n", 46, false)]
    [InlineData(Key + "\r\n", 46, true)]
    [InlineData(Key + "\r", 45, true)]
    [InlineData(Key + "\r\n\r\n", 48, true)]
    [InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", 44, false)]
    [InlineData(Key + Key, 88, false)]
    public void Anything_else_is_told_by_its_length_and_a_CR_by_name(string text, int length, bool hasCarriageReturn)
    {
        Write(text);

        KmsException refusal = Assert.Throws<KmsException>(() => KeyEncryptionKey.FromFile(Path));

        Assert.Equal(KmsError.WrongKek, refusal.Error);
        Assert.Contains(
            $"{Path} is not a key file: {length} bytes, expected 44 base64 characters (of 32 bytes) and at most one LF.", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(hasCarriageReturn, refusal.Message.Contains("It holds a CR", StringComparison.Ordinal));
        Assert.DoesNotContain("AAEC", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_passphrase_file_that_is_too_long_is_told_by_its_length()
    {
        Write(new string('x', 8193));

        KmsException refusal = Assert.Throws<KmsException>(() => KeyEncryptionKey.FromPassphraseFile(Path));

        Assert.Equal(KmsError.WrongKek, refusal.Error);
        Assert.Contains($"{Path} is not a passphrase file: 8193 bytes, expected at most 8192", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_that_is_there_is_not_overwritten_and_nobody_is_told_to_move_it()
    {
        KeyEncryptionKey.CreateFile(Path);
        byte[] before = File.ReadAllBytes(Path);

        KmsException refusal = Assert.Throws<KmsException>(() => KeyEncryptionKey.CreateFile(Path));

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains($"{Path} exists, and nothing was overwritten", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("move it away", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path));
    }

    private void Write(string text) => PrivateFile.CreateNew(Path, Encoding.ASCII.GetBytes(text));
}
