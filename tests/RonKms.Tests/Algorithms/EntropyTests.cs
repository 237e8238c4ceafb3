using RonKms.Algorithms;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Algorithms;

public sealed class EntropyTests
{
    [Fact]
    public void Where_the_system_gives_no_random_numbers_nothing_is_made_of_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only where OpenSSL is the platform's generator can it be told to use one that is not there.");
        using TemporaryDirectory directory = new();
        string configuration = directory["openssl.cnf"];
        File.WriteAllText(configuration, """
            openssl_conf = all
            [all]
            random = generator
            [generator]
            random = NO-SUCH-GENERATOR
            """);

        ChildProcess.RunWhere("OPENSSL_CONF", configuration, typeof(EntropyTests), nameof(MakeSomethingWithoutRandomNumbers));
    }

    [Fact(Explicit = true)]
    public void MakeSomethingWithoutRandomNumbers()
    {
        byte[] destination = new byte[32];

        Assert.Equal(KmsError.Entropy, Assert.Throws<KmsException>(() => Entropy.Fill(destination)).Error);
        Assert.Equal(KmsError.Entropy, Assert.Throws<KmsException>(() => StoreKey.Generate(Guid.Empty)).Error);
        Assert.Equal(KmsError.Entropy, Assert.Throws<KmsException>(() => Keystore.InMemory()).Error);
    }
}
