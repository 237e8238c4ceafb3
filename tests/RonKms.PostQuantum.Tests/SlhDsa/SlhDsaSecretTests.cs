using RonKms.PostQuantum.SlhDsa;

namespace RonKms.PostQuantum.Tests.SlhDsa;

public sealed class SlhDsaSecretTests
{
    [Fact]
    public void SecretWithAnotherRootIsRefusedAtImport()
    {
        ManagedSlhDsaAlgorithm algorithm = new(KeyAlgorithm.SlhDsaSha2_128f);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = new byte[32];
        Assert.True(algorithm.TryGetPublicKey(secret.Reveal(), publicKey));

        // SK.prf alone has no part in the root.
        foreach (int position in new[] { 0, 15, 32, 47, 48, 63 })
        {
            byte[] changed = secret.Reveal().ToArray();
            changed[position] ^= 1;
            Assert.False(algorithm.TryGetPublicKey(changed, publicKey));
            Assert.Equal(new byte[32], publicKey);
        }
    }

    [Fact]
    public void OpeningComparesWithTheCopyInTheSecret()
    {
        // Computing the root again is for import: at opening, a secret that was sealed with its root is trusted to have it.
        ManagedSlhDsaAlgorithm algorithm = new(KeyAlgorithm.SlhDsaShake256f);
        byte[] secret = [.. Enumerable.Range(0, 128).Select(i => (byte)i)];
        Assert.True(algorithm.IsPublicKeyOf(secret, secret.AsSpan(64)));
        Assert.False(algorithm.IsPublicKeyOf(secret, secret.AsSpan(63, 64)));
        Assert.False(algorithm.TryGetPublicKey(secret, new byte[64]));
    }

    [Fact]
    public void PreHashMembersSignAndVerifyDigests()
    {
        ManagedSlhDsaAlgorithm algorithm = new(KeyAlgorithm.SlhDsaShake128f);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] publicKey = secret.Reveal()[32..].ToArray();
        byte[] digest = new byte[64];
        byte[] signature = new byte[algorithm.MaxSignatureSize];
        SignOptions context = new() { Context = new byte[] { 7 } };
        Assert.Equal(signature.Length, algorithm.SignPreHash(secret.Reveal(), digest, PreHashFunction.Sha512, signature, context));
        Assert.True(algorithm.VerifyPreHash(publicKey, digest, PreHashFunction.Sha512, signature, context));
        Assert.False(algorithm.VerifyPreHash(publicKey, digest, PreHashFunction.Sha512, signature));
        Assert.False(algorithm.VerifyPreHash(publicKey, digest, PreHashFunction.Shake256, signature, context));
        Assert.False(algorithm.Verify(publicKey, digest, signature, context));
        Assert.Throws<ArgumentException>(() => algorithm.VerifyPreHash(publicKey, digest, PreHashFunction.Sha256, signature));
        Assert.Throws<ArgumentException>(() => algorithm.SignPreHash(secret.Reveal(), digest, PreHashFunction.Sha256, signature));
        Assert.Throws<ArgumentException>(() => algorithm.SignPreHash(secret.Reveal()[1..], digest, PreHashFunction.Sha512, signature));
        Assert.Throws<ArgumentException>(() => algorithm.SignPreHash(secret.Reveal(), digest, PreHashFunction.Sha512, signature.AsSpan(1)));
    }

    [Fact]
    public void DestinationThatOverlapsTheDigestOrTheSecretIsRefused()
    {
        ManagedSlhDsaAlgorithm algorithm = new(KeyAlgorithm.SlhDsaShake128f);
        using SecretBytes secret = algorithm.GenerateSecret();
        byte[] buffer = new byte[algorithm.MaxSignatureSize];
        byte[] expected = [.. buffer];
        secret.Reveal().CopyTo(buffer.AsSpan(3000));
        secret.Reveal().CopyTo(expected.AsSpan(3000));
        byte[] digest = new byte[32];
        Assert.Throws<ArgumentException>(
            () => algorithm.SignPreHash(secret.Reveal(), buffer.AsSpan(0, 32), PreHashFunction.Sha256, buffer));
        Assert.Throws<ArgumentException>(
            () => algorithm.SignPreHash(buffer.AsSpan(3000, 64), digest, PreHashFunction.Sha256, buffer));
        Assert.Equal(expected, buffer);
    }
}
