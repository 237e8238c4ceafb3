using Microsoft.Extensions.DependencyInjection;
using RonKms.Tests.Keystores;

namespace RonKms.Hosting.Tests;

/// <summary>What the container gives does what its keystore does, in every member and overload, with every argument.</summary>
public sealed class SharedKeystoreTests : IDisposable
{
    private static readonly KeyCreationOptions s_labelled = new() { Labels = new Dictionary<string, string> { ["team"] = "blue" } };
    private static readonly SignOptions s_der = new() { EcdsaEncoding = EcdsaEncoding.Der };
    private static readonly HpkeOptions s_info = new() { Info = "info"u8.ToArray() };

    private readonly RecordingGuard _guard = new();
    private readonly ServiceProvider _services;
    private readonly IKeystore _shared;
    private readonly UsedKeys _keys;

    public SharedKeystoreTests()
    {
        _services = HostedServices.WithKeystore(services => services.AddSingleton<IOperationGuard>(_guard));
        _shared = _services.GetRequiredService<IKeystore>();
        _keys = new UsedKeys(_shared);
        _guard.Forget();
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public void Each_member_is_the_operation_of_its_name(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);

        call.Run(_shared, _keys);

        Assert.Equal(call.Kinds, _guard.Begun.Select(op => op.Kind));
        Assert.All(_guard.Ended, ended => Assert.Null(ended.Failure));
    }

    [Fact]
    public void Keys_are_made_with_their_options()
    {
        KeyId[] made =
        [
            _shared.Create("acme", "made", KeyAlgorithm.P256, s_labelled),
            _shared.CreateSigningKey("acme", "signing", s_labelled),
            _shared.CreateKemKey("acme", "kem", s_labelled),
            _shared.Import("acme", "imported", KeyAlgorithm.Aes256Gcm, UsedKeys.Secret, s_labelled),
            _shared.ImportPkcs8("acme", "pkcs8", KeyAlgorithm.Ed25519, UsedKeys.Pkcs8, s_labelled),
        ];

        Assert.All(made, key => Assert.Equal("blue", _shared.Get(key).Labels["team"]));
        Assert.Equal(["made", "signing", "kem", "imported", "pkcs8"], made.Select(key => key.Purpose));
        Assert.Equal(made.ToHashSet(), [.. _shared.List(new KeyFilter { Labels = s_labelled.Labels }).Select(key => key.Id)]);
        Assert.Equal(made[0], _shared.FindCurrent("acme", "made"));
        Assert.Null(_shared.FindCurrent("acme", "other"));
        Assert.Equal(KeyAlgorithm.P256, _shared.CreateAttestationKey(KeyAlgorithm.P256).Algorithm);
    }

    [Fact]
    public void The_life_of_a_key_goes_as_it_is_told()
    {
        KeyId second = _shared.Rotate(_keys.Spare);
        Assert.Equal(2u, second.Version);
        Assert.Equal(second, _shared.Get(_keys.Spare.Latest).Id);

        _shared.Disable(_keys.Spare);
        Assert.Equal(KeyState.Disabled, _shared.Get(_keys.Spare).State);
        _shared.Enable(_keys.Spare);
        Assert.NotEqual(KeyState.Disabled, _shared.Get(_keys.Spare).State);
        _shared.Destroy(_keys.Spare);
        Assert.Equal([KeyState.Destroyed, KeyState.Enabled], States());
        _shared.DestroyAllVersions(_keys.Spare);
        Assert.Equal([KeyState.Destroyed, KeyState.Destroyed], States());

        KeyState[] States() => [_shared.Get(_keys.Spare).State, _shared.Get(second).State];
    }

    [Fact]
    public void Signatures_and_codes_are_of_what_was_given()
    {
        KeyId key = _shared.Create("acme", "ecdsa", KeyAlgorithm.P256);
        byte[] into = new byte[128];
        byte[] plain = _shared.Sign(key, "m"u8, s_der);
        byte[] named = _shared.Sign(key.Latest, "m"u8, out KeyId first, s_der);
        int length = _shared.Sign(key.Latest, "m"u8, into, out KeyId second, s_der);

        Assert.All([plain, named, into[..length]], signature => Assert.True(_shared.Verify(key, "m"u8, signature, s_der)));
        Assert.All([plain, named, into[..length]], signature => Assert.False(_shared.Verify(key, "m"u8, signature)));
        Assert.False(_shared.Verify(key, "n"u8, plain, s_der));
        Assert.Equal([key, key], [first, second]);

        bool[] results = new bool[3];
        VerifyItem right = new(_keys.Signing, "m"u8.ToArray(), _keys.Signature);
        _shared.VerifyBatch(new[] { right, new(_keys.Signing, "n"u8.ToArray(), _keys.Signature), right }, results, 2);
        Assert.Equal([true, false, true], results);
        Assert.ThrowsAny<ArgumentException>(() => _shared.VerifyBatch(new[] { right }, results.AsMemory(..1), 0));

        byte[] code = new byte[32];
        Assert.Equal(_keys.Code, _shared.ComputeMac(_keys.Mac.Latest, "m"u8, out KeyId computedBy));
        Assert.Equal(32, _shared.ComputeMac(_keys.Mac, "m"u8, code, out _));
        Assert.Equal(_keys.Code, code);
        Assert.Equal(_keys.Mac, computedBy);
        Assert.True(_shared.VerifyMac(_keys.Mac, "m"u8, code));
        Assert.False(_shared.VerifyMac(_keys.Mac, "n"u8, code));
    }

    [Fact]
    public void Secrets_are_shared_both_ways()
    {
        byte[] ciphertext = new byte[32], sent = new byte[32], received = new byte[32];
        using Encapsulation encapsulation = _shared.Encapsulate(_keys.Kem.Latest, out KeyId first);
        _shared.Encapsulate(_keys.Kem.Latest, ciphertext, sent, out KeyId second);

        using SecretBytes opened = _shared.Decapsulate(_keys.Kem, encapsulation.Ciphertext.Span);
        _shared.Decapsulate(_keys.Kem, ciphertext, received);

        Assert.True(opened.Reveal().SequenceEqual(encapsulation.SharedSecret.Reveal()));
        Assert.Equal(sent, received);
        Assert.Equal([_keys.Kem, _keys.Kem], [first, second]);
    }

    [Fact]
    public void Envelopes_open_with_what_they_were_bound_to()
    {
        byte[] into = new byte[64], plaintext = new byte[1];
        byte[] envelope = _shared.Wrap(_keys.Wrapping, "p"u8, "data"u8);
        int length = _shared.Wrap(_keys.Wrapping, "q"u8, "data"u8, into);
        byte[] again = _shared.Rewrap(_keys.Wrapping, envelope, "data"u8);

        using SecretBytes opened = _shared.Unwrap(_keys.Wrapping, again, "data"u8);
        Assert.Equal("p"u8, opened.Reveal());
        Assert.Equal(1, _shared.Unwrap(_keys.Wrapping, into.AsSpan(..length), "data"u8, plaintext));
        Assert.Equal("q"u8, plaintext);
        Assert.Throws<KmsException>(() => _shared.Unwrap(_keys.Wrapping, envelope));
        Assert.Throws<KmsException>(() => _shared.Unwrap(_keys.Wrapping, envelope, default, plaintext));

        byte[] ciphertext = _shared.GetPublicKey(_keys.Kem).HpkeSeal("r"u8, s_info);
        using SecretBytes received = _shared.HpkeOpen(_keys.Kem, ciphertext, s_info);
        Assert.Equal("r"u8, received.Reveal());
        Assert.Equal(1, _shared.HpkeOpen(_keys.Kem, ciphertext, plaintext, s_info));
        Assert.Equal("r"u8, plaintext);
        Assert.Throws<KmsException>(() => _shared.HpkeOpen(_keys.Kem, ciphertext));
    }

    [Fact]
    public void Capabilities_have_the_same_root_again()
    {
        KeyId key = _shared.CreateCapabilityKey();
        using SecretBytes begun = _shared.BeginCapability(out CapabilityId id);
        using SecretBytes computed = _shared.ComputeCapabilityRoot(id);

        Assert.Equal(begun.Reveal(), computed.Reveal());
        Assert.Contains(_guard.Begun, op => op.Kind == KmsOperationKind.Mac && op.Key == key);
    }

    [Fact]
    public void A_callers_view_has_its_name_and_tells_the_same()
    {
        IKeystore view = _shared.ForCaller("bob", "request 7");
        _guard.Forget();

        view.Sign(_keys.Signing, "m"u8);
        Assert.Equal(new KmsOperation(KmsOperationKind.Sign, _keys.Signing, "bob", "request 7"), Assert.Single(_guard.Begun));

        _shared.Refresh();
        Assert.Equal(view.List().Select(key => key.Id), _shared.List().Select(key => key.Id));
        Assert.Equal(view.Attest(_keys.Signing).Json.Span, _shared.Attest(_keys.Signing).Json.Span);
    }
}
