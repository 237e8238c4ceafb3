using Xunit;

namespace RonKms.Testing.Keystores;

/// <content>Which keys a name reaches.</content>
public abstract partial class KeystoreContract
{
    /// <summary>What differs in a name whose UUID is known.</summary>
    public static TheoryData<string> Differences { get; } = ["tenant", "purpose", "algorithm", "version", "uuid"];

    [Theory]
    [MemberData(nameof(Differences))]
    public void A_name_that_differs_from_the_key_in_anything_is_no_such_key(string difference)
    {
        KeyId signing = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId other = Changed(signing, difference, "p256");
        KeyId wrapping = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        KeyId otherWrapping = Changed(wrapping, difference, "chacha20poly1305");
        KeyId mac = Changed(Keystore.Create("acme", "p", KeyAlgorithm.HmacSha256), difference is "algorithm" ? "uuid" : difference, "");
        KeyId kem = Changed(Keystore.Create("acme", "p", KeyAlgorithm.X25519), difference is "algorithm" ? "uuid" : difference, "");
        long head = Keystore.CheckHealth().HeadSeq;

        Refused(KmsError.NoSuchKey, () => Keystore.Sign(other, "m"u8));
        Refused(KmsError.NoSuchKey, () => Keystore.Verify(other, "m"u8, new byte[64]));
        Refused(KmsError.NoSuchKey, () => Keystore.GetPublicKey(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Get(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Attest(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Rotate(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Disable(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Enable(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Destroy(other));
        Refused(KmsError.NoSuchKey, () => Keystore.DestroyAllVersions(other));
        Refused(KmsError.NoSuchKey, () => Keystore.Wrap(otherWrapping, "m"u8));
        Refused(KmsError.NoSuchKey, () => Keystore.ComputeMac(mac, "m"u8, out _));
        Refused(KmsError.NoSuchKey, () => Keystore.VerifyMac(mac, "m"u8, new byte[32]));
        Refused(KmsError.NoSuchKey, () => Keystore.Encapsulate(kem, out _));
        Refused(KmsError.NoSuchKey, () => Keystore.Decapsulate(kem, new byte[32]));
        Assert.Equal(head, Keystore.CheckHealth().HeadSeq);
        Assert.Equal(KeyState.Enabled, Keystore.Get(signing).State);
    }

    [Theory]
    [InlineData("tenant", KmsError.NoSuchKey)]
    [InlineData("purpose", KmsError.NoSuchKey)]
    [InlineData("algorithm", KmsError.NoSuchKey)]
    [InlineData("uuid", KmsError.NoSuchKey)]
    public void An_envelope_does_not_open_under_a_name_that_differs(string difference, KmsError error)
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = Keystore.Wrap(key, "m"u8);
        KeyId other = Changed(key, difference, "chacha20poly1305");

        Refused(error, () => Keystore.Unwrap(other, envelope));
        Refused(error, () => Keystore.Rewrap(other, envelope));
    }

    [Fact]
    public void A_version_that_was_never_issued_is_no_such_key()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        foreach (string version in new[] { "v2", "v4294967295" })
        {
            Refused(KmsError.NoSuchKey, () => Keystore.Get(KeyId.Parse(key.ToString().Replace("v1", version, StringComparison.Ordinal))));
        }
    }

    [Fact]
    public void Reserved_purposes_are_refused_where_keys_come_in()
    {
        byte[] secret = new byte[32];
        foreach (string purpose in new[] { "ronkms.attest", "ronkms.", "ronkms.anything" })
        {
            Assert.Throws<ArgumentException>(() => Keystore.Create("acme", purpose, KeyAlgorithm.Ed25519));
            Assert.Throws<ArgumentException>(() => Keystore.CreateSigningKey("acme", purpose));
            Assert.Throws<ArgumentException>(() => Keystore.CreateKemKey("acme", purpose));
            Assert.Throws<ArgumentException>(() => Keystore.Import("acme", purpose, KeyAlgorithm.Ed25519, secret));
            Assert.Throws<ArgumentException>(() => Keystore.ImportPkcs8("acme", purpose, KeyAlgorithm.Ed25519, secret));
        }

        Assert.Empty(Keystore.List());
        Keystore.Create("ronkms.attest", "ronkms", KeyAlgorithm.Ed25519);
    }

    [Fact]
    public void The_attestation_key_signs_attestations_and_nothing_else()
    {
        KeyId attester = Keystore.CreateAttestationKey(KeyAlgorithm.Ed25519);
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Refused(KmsError.Denied, () => Keystore.Sign(attester, "m"u8));
        Refused(KmsError.Denied, () => Keystore.Sign(attester.Latest, "m"u8, out _));
        Refused(KmsError.Denied, () => Keystore.Sign(attester, "m"u8, new byte[64], out _));
        Refused(KmsError.Denied, () => Keystore.Verify(attester, "m"u8, new byte[64]));
        Refused(KmsError.Denied, () => Keystore.VerifyBatch(new[] { new VerifyItem(attester, "m"u8.ToArray(), new byte[64]) }, new bool[1]));

        Attestation attestation = Keystore.Attest(key);
        Assert.Equal(attester, attestation.SignedBy);
        Assert.True(Attestation.Verify(attestation.Json.Span, attestation.Signature.Span, Keystore.GetPublicKey(attester)));
        Assert.False(Attestation.Verify([.. attestation.Json.Span, (byte)' '], attestation.Signature.Span, Keystore.GetPublicKey(attester)));
        Assert.False(Keystore.GetPublicKey(attester).Verify(attestation.Json.Span, attestation.Signature.Span));
    }

    [Theory]
    [InlineData("x25519")]
    [InlineData("aes256gcm")]
    [InlineData("hmacsha256")]
    public void An_attestation_key_must_sign(string algorithm)
    {
        Assert.Throws<ArgumentException>(() => Keystore.CreateAttestationKey(KeyAlgorithm.FindByName(algorithm)!));
        Assert.Empty(Keystore.List());
    }

    [Fact]
    public void A_second_attestation_key_of_the_same_algorithm_is_the_next_version()
    {
        KeyId first = Keystore.CreateAttestationKey(KeyAlgorithm.Ed25519);
        KeyId second = Keystore.CreateAttestationKey(KeyAlgorithm.Ed25519);
        KeyId third = Keystore.CreateAttestationKey(KeyAlgorithm.P256);

        Assert.Equal(first.Latest, second.Latest);
        Assert.Equal(2u, second.Version);
        Assert.NotEqual(first.Latest, third.Latest);
        Assert.Equal(third, Keystore.Attest(first).SignedBy);
    }

    [Fact]
    public void Attestations_go_on_with_the_rotated_attestation_key()
    {
        KeyId first = Keystore.CreateAttestationKey(KeyAlgorithm.P256);
        Attestation before = Keystore.Attest(first);
        KeyId second = Keystore.Rotate(first);
        Attestation after = Keystore.Attest(first);

        Assert.Equal(first, before.SignedBy);
        Assert.Equal(second, after.SignedBy);
        Assert.True(Attestation.Verify(before.Json.Span, before.Signature.Span, Keystore.GetPublicKey(first)));
        Assert.True(Attestation.Verify(after.Json.Span, after.Signature.Span, Keystore.GetPublicKey(second)));
    }

    [Fact]
    public void Without_an_attestation_key_an_attestation_is_unsigned()
    {
        Attestation attestation = Keystore.Attest(Keystore.Create("acme", "p", KeyAlgorithm.Ed25519));

        Assert.True(attestation.Signature.IsEmpty);
        Assert.Null(attestation.SignedBy);
    }

    [Fact]
    public void An_attestation_tells_every_line_of_its_version_and_no_other()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId other = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        Keystore.Disable(key);
        Keystore.Enable(key);
        KeyId next = Keystore.Rotate(key);
        Keystore.Destroy(key);

        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(Keystore.Attest(key).Json);

        System.Text.Json.JsonElement root = json.RootElement;
        Assert.Equal(key.ToString(), root.GetProperty("kid").GetString());
        Assert.Equal(
            ["create", "disable", "enable", "destroy"],
            root.GetProperty("lines").EnumerateArray().Select(line => Line(line).GetProperty("op").GetString()!));
        Assert.All(root.GetProperty("lines").EnumerateArray(), line => Assert.Equal(key.ToString(), Line(line).GetProperty("kid").GetString()));
        Assert.Equal(Keystore.CheckHealth().HeadSeq, root.GetProperty("seq").GetInt64());
        Assert.Equal(Keystore.CheckHealth().Head, root.GetProperty("head").GetString());
        Assert.NotEqual(other, next);
    }

    /// <summary>The name with one part changed to something that the keystore does not hold.</summary>
    private static KeyId Changed(KeyId key, string difference, string algorithm) => KeyId.Parse(difference switch
    {
        "tenant" => "acmf" + key.ToString()[4..],
        "purpose" => key.ToString().Replace("/p/", "/q/", StringComparison.Ordinal),
        "algorithm" => key.ToString().Replace(key.Algorithm.Name, algorithm, StringComparison.Ordinal),
        "version" => key.ToString().Replace("#v1", "#v2", StringComparison.Ordinal),
        "uuid" => key.ToString().Replace(key.Uuid.ToString(), "00000000-0000-4000-8000-000000000000", StringComparison.Ordinal),
        _ => throw new ArgumentOutOfRangeException(nameof(difference)),
    });

    private static System.Text.Json.JsonElement Line(System.Text.Json.JsonElement line) => line.ValueKind == System.Text.Json.JsonValueKind.String
        ? System.Text.Json.JsonDocument.Parse(line.GetString()!).RootElement
        : line;
}
