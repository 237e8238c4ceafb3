namespace RonKms.Tests.Keystores;

/// <summary>One way to use a keystore's key.</summary>
/// <param name="Name">The member, and which overload.</param>
/// <param name="Kinds">What it is seen as, in order.</param>
/// <param name="Run">Calls it.</param>
internal sealed record KeystoreCall(string Name, KmsOperationKind[] Kinds, Action<IKeystore, UsedKeys> Run)
{
    /// <summary>Every member that guards see, in every overload.</summary>
    public static IReadOnlyList<KeystoreCall> All { get; } =
    [
        new("Create", [KmsOperationKind.Create], (k, u) => k.Create("acme", "made", KeyAlgorithm.Ed25519)),
        new("CreateSigningKey", [KmsOperationKind.Create], (k, u) => k.CreateSigningKey("acme", "made")),
        new("CreateKemKey", [KmsOperationKind.Create], (k, u) => k.CreateKemKey("acme", "made")),
        new("CreateAttestationKey", [KmsOperationKind.Create], (k, u) => k.CreateAttestationKey(KeyAlgorithm.Ed25519)),
        new("CreateCapabilityKey", [KmsOperationKind.Create], (k, u) => k.CreateCapabilityKey()),
        new("BeginCapability", [KmsOperationKind.Create, KmsOperationKind.Mac], (k, u) =>
        {
            k.CreateCapabilityKey();
            k.BeginCapability(out _).Dispose();
        }),
        new("ComputeCapabilityRoot", [KmsOperationKind.Create, KmsOperationKind.Mac, KmsOperationKind.Mac], (k, u) =>
        {
            k.CreateCapabilityKey();
            k.BeginCapability(out CapabilityId id).Dispose();
            k.ComputeCapabilityRoot(id).Dispose();
        }),
        new("Import", [KmsOperationKind.Import], (k, u) => k.Import("acme", "made", KeyAlgorithm.Aes256Gcm, UsedKeys.Secret)),
        new("ImportPkcs8", [KmsOperationKind.Import], (k, u) => k.ImportPkcs8("acme", "made", KeyAlgorithm.Ed25519, UsedKeys.Pkcs8)),
        new("Sign", [KmsOperationKind.Sign], (k, u) => k.Sign(u.Signing, "m"u8)),
        new("Sign latest", [KmsOperationKind.Sign], (k, u) => k.Sign(u.Signing.Latest, "m"u8, out _)),
        new("Sign into", [KmsOperationKind.Sign], (k, u) => k.Sign(u.Signing.Latest, "m"u8, new byte[64], out _)),
        new("Verify", [KmsOperationKind.Verify], (k, u) => k.Verify(u.Signing, "m"u8, u.Signature)),
        new("Verify wrong", [KmsOperationKind.Verify], (k, u) => k.Verify(u.Signing, "n"u8, u.Signature)),
        new("VerifyBatch", [KmsOperationKind.Verify, KmsOperationKind.Verify], (k, u) => k.VerifyBatch(new VerifyItem[] { new(u.Signing, "m"u8.ToArray(), u.Signature), new(u.Signing, "m"u8.ToArray(), u.Signature) }, new bool[2])),
        new("ComputeMac", [KmsOperationKind.Mac], (k, u) => k.ComputeMac(u.Mac.Latest, "m"u8, out _)),
        new("ComputeMac into", [KmsOperationKind.Mac], (k, u) => k.ComputeMac(u.Mac, "m"u8, new byte[32], out _)),
        new("VerifyMac", [KmsOperationKind.Mac], (k, u) => k.VerifyMac(u.Mac, "m"u8, u.Code)),
        new("Encapsulate", [KmsOperationKind.Encap], (k, u) => k.Encapsulate(u.Kem.Latest, out _).Dispose()),
        new("Encapsulate into", [KmsOperationKind.Encap], (k, u) => k.Encapsulate(u.Kem, new byte[32], new byte[32], out _)),
        new("Decapsulate", [KmsOperationKind.Decap], (k, u) => k.Decapsulate(u.Kem, u.Ciphertext).Dispose()),
        new("Decapsulate into", [KmsOperationKind.Decap], (k, u) => k.Decapsulate(u.Kem, u.Ciphertext, new byte[32])),
        new("Wrap", [KmsOperationKind.Wrap], (k, u) => k.Wrap(u.Wrapping.Latest, "m"u8)),
        new("Wrap into", [KmsOperationKind.Wrap], (k, u) => k.Wrap(u.Wrapping, "m"u8, default, new byte[62])),
        new("Unwrap", [KmsOperationKind.Unwrap], (k, u) => k.Unwrap(u.Wrapping.Latest, u.Envelope).Dispose()),
        new("Unwrap into", [KmsOperationKind.Unwrap], (k, u) => k.Unwrap(u.Wrapping, u.Envelope, default, new byte[1])),
        new("Rewrap", [KmsOperationKind.Unwrap, KmsOperationKind.Wrap], (k, u) => k.Rewrap(u.Wrapping, u.Envelope)),
        new("HpkeOpen", [KmsOperationKind.Unwrap], (k, u) => k.HpkeOpen(u.Kem, u.Sealed).Dispose()),
        new("HpkeOpen into", [KmsOperationKind.Unwrap], (k, u) => k.HpkeOpen(u.Kem, u.Sealed, new byte[1])),
        new("Rotate", [KmsOperationKind.Rotate], (k, u) => k.Rotate(u.Spare)),
        new("Rotate latest", [KmsOperationKind.Rotate], (k, u) => k.Rotate(u.Spare.Latest)),
        new("Disable", [KmsOperationKind.Disable], (k, u) => k.Disable(u.Spare)),
        new("Enable", [KmsOperationKind.Enable], (k, u) => k.Enable(u.Spare)),
        new("Destroy", [KmsOperationKind.Destroy], (k, u) => k.Destroy(u.Spare)),
        new("DestroyAllVersions", [KmsOperationKind.Destroy], (k, u) => k.DestroyAllVersions(u.Spare.Latest)),
        new("Attest", [KmsOperationKind.Attest], (k, u) => k.Attest(u.Signing.Latest)),
    ];

    /// <summary>The names of <see cref="All"/>, for theories.</summary>
    public static TheoryData<string> Names { get; } = [.. All.Select(call => call.Name)];

    /// <summary>Members that only tell, which guards do not see.</summary>
    public static IReadOnlyList<Action<IKeystore, UsedKeys>> Telling { get; } =
    [
        (k, u) => k.Get(u.Signing),
        (k, u) => k.List(),
        (k, u) => k.FindCurrent("acme", "used"),
        (k, u) => k.GetPublicKey(u.Signing),
        (k, u) => k.Refresh(),
        (k, u) => (k as Keystore)?.CheckHealth(),
    ];

    public static KeystoreCall Named(string name) => All.Single(call => call.Name == name);

    public override string ToString() => Name;
}
