using RonKms.Interop;

namespace RonKms.Tests.Interop;

public sealed class LibsodiumTests
{
    // Made with the reference program: printf 'correct horse' | argon2 0123456789abcdef -id -t OPS -k KIB -p 1 -l 32 -r
    [Theory]
    [InlineData(1, 8, "33B8F0D06408E0A7DCC5FFB13E575F35162DB4FF3DB1C73D5D501801C699D14D")]
    [InlineData(2, 19_456, "AE4D8C8B713876044C8347C76986A9B5655944AAACFFFE9BEA4DFF9E7B6A1899")]
    [InlineData(3, 65_536, "92599C67F23F1D9DCE9B6F0CFB5A9B18CE110336DE00799947472465EDD9E49A")]
    public void Argon2idGivesWhatTheReferenceProgramGives(int passes, int kibibytes, string expected)
    {
        byte[] key = new byte[32];
        int result = Libsodium.crypto_pwhash(
            key, 32, "correct horse"u8, 13, "0123456789abcdef"u8, (ulong)passes, (nuint)kibibytes * 1024, Libsodium.crypto_pwhash_ALG_ARGON2ID13);
        Assert.Equal(0, result);
        Assert.Equal(expected, Convert.ToHexString(key));
    }

    [Fact]
    public void Argon2idSaysSoWhereAParameterIsOutOfRange()
    {
        byte[] key = new byte[32];
        Assert.Equal(-1, Libsodium.crypto_pwhash(key, 32, [], 0, new byte[16], 0, 65_536, Libsodium.crypto_pwhash_ALG_ARGON2ID13));
        Assert.Equal(-1, Libsodium.crypto_pwhash(key, 32, [], 0, new byte[16], 2, 65_536, alg: 99));
    }

    [Fact]
    public void FailureOfAFunctionThatCannotFailIsNotPassedOver()
    {
        Libsodium.Check(0, "crypto_example");
        KmsException e = Assert.Throws<KmsException>(() => Libsodium.Check(-1, "crypto_example"));
        Assert.Equal(KmsError.Internal, e.Error);
        Assert.Contains("crypto_example", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 99, false)]
    [InlineData(10, 2, false)]
    [InlineData(10, 3, true)]
    [InlineData(11, 0, true)]
    public void LibraryOfAnOldVersionIsRefused(int major, int minor, bool isTaken) => Assert.Equal(
        isTaken ? (KmsError?)null : KmsError.AlgUnavailable, (Record.Exception(() => Libsodium.RequireVersion(major, minor)) as KmsException)?.Error);

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(-1, false)]
    public void LibraryThatDoesNotStartIsRefused(int result, bool isTaken) => Assert.Equal(
        isTaken ? (KmsError?)null : KmsError.Entropy, (Record.Exception(() => Libsodium.RequireStarted(result)) as KmsException)?.Error);

    [Fact]
    public void WhereThereIsNoLibraryTheErrorSaysHowToInstallIt()
    {
        KmsException e = Assert.Throws<KmsException>(() => Libsodium.LoadAny(["libsodium-that-is-not-there"], typeof(Keystore).Assembly, null));

        Assert.Equal(KmsError.AlgUnavailable, e.Error);
        Assert.Contains("libsodium23", e.Message, StringComparison.Ordinal);
    }
}
