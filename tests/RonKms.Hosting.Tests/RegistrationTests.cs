using Microsoft.Extensions.DependencyInjection;

namespace RonKms.Hosting.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void Every_interface_is_the_same_keystore()
    {
        using ServiceProvider services = HostedServices.WithKeystore();
        IKeystore kms = services.GetRequiredService<IKeystore>();
        KeyId signing = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
        KeyId mac = kms.Create("auth", "mac", KeyAlgorithm.HmacSha256);
        KeyId kem = kms.Create("auth", "kem", KeyAlgorithm.X25519);
        KeyId envelope = kms.Create("auth", "envelope", KeyAlgorithm.Aes256Gcm);

        byte[] signature = services.GetRequiredService<ISigner>().Sign(signing, "message"u8);
        Assert.True(services.GetRequiredService<IVerifier>().Verify(signing, "message"u8, signature));
        byte[] code = services.GetRequiredService<IMac>().ComputeMac(mac, "message"u8, out _);
        Assert.True(kms.VerifyMac(mac, "message"u8, code));
        using Encapsulation sent = services.GetRequiredService<IKem>().Encapsulate(kem, out KeyId to);
        Assert.Equal(kem, to);
        byte[] wrapped = services.GetRequiredService<IEnvelope>().Wrap(envelope, "plaintext"u8);
        using SecretBytes plaintext = kms.Unwrap(envelope, wrapped);
        Assert.True(plaintext.Reveal().SequenceEqual("plaintext"u8));
    }

    [Fact]
    public void What_the_container_gives_cannot_be_closed_by_who_was_given_it()
    {
        using ServiceProvider services = HostedServices.WithKeystore();
        using (services.GetRequiredService<IKeystore>())
        {
        }

        using (IServiceScope scope = services.CreateScope())
        {
            _ = scope.ServiceProvider.GetRequiredService<ISigner>();
        }

        _ = services.GetRequiredService<IKeystore>().Create("auth", "signing", KeyAlgorithm.Ed25519);
    }

    [Fact]
    public void The_keystore_is_closed_after_everything_that_was_given_it()
    {
        ServiceProvider services = HostedServices.WithKeystore(s => s.AddSingleton<SignsWhenDisposed>());
        SignsWhenDisposed consumer = services.GetRequiredService<SignsWhenDisposed>();
        // Asked for after the consumer was made, and so disposed before it.
        IVerifier verifier = services.GetRequiredService<IVerifier>();
        KeyId key = services.GetRequiredService<IKeystore>().Create("auth", "signing", KeyAlgorithm.Ed25519);
        consumer.Key = key;

        services.Dispose();

        Assert.NotNull(consumer.Signature);
        Assert.Throws<ObjectDisposedException>(() => verifier.Verify(key, "last words"u8, consumer.Signature));
    }

    [Fact]
    public void A_container_has_one_keystore()
    {
        ServiceCollection services = new();
        services.AddRonKms(HostedServices.Section());

        Assert.Throws<InvalidOperationException>(() => services.AddRonKms());
    }

    [Fact]
    public void A_keystore_that_the_caller_opens_gets_the_options_and_belongs_to_the_container()
    {
        Keystore? opened = null;
        ServiceCollection services = new();
        services.AddRonKms(
            (_, options) => opened = Keystore.InMemory(options),
            options => options.RotateEvery = TimeSpan.FromDays(7));
        KeyId key;
        using (ServiceProvider provider = services.BuildServiceProvider())
        {
            key = provider.GetRequiredService<IKeystore>().Create("auth", "signing", KeyAlgorithm.Ed25519);
            KeyInfo info = opened!.Get(key);
            Assert.Equal(info.CreatedAt + TimeSpan.FromDays(7), info.RotateAfter);
        }

        Assert.Throws<ObjectDisposedException>(() => opened.Get(key));
    }

    private sealed class SignsWhenDisposed(ISigner signer) : IDisposable
    {
        internal KeyId? Key { get; set; }

        internal byte[]? Signature { get; private set; }

        public void Dispose() => Signature = signer.Sign(Key!, "last words"u8);
    }
}
