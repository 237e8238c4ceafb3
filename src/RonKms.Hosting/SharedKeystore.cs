namespace RonKms.Hosting;

/// <summary>The keystore as the container gives it: shared, so that nobody who was given it can close it for the others.</summary>
internal sealed class SharedKeystore(KeystoreOwner owner) : IKeystore
{
    private readonly Keystore _keystore = owner.Keystore;

    public KeyId Create(string tenant, string purpose, KeyAlgorithm algorithm, KeyCreationOptions? options) =>
        _keystore.Create(tenant, purpose, algorithm, options);

    public KeyId CreateSigningKey(string tenant, string purpose, KeyCreationOptions? options) =>
        _keystore.CreateSigningKey(tenant, purpose, options);

    public KeyId CreateKemKey(string tenant, string purpose, KeyCreationOptions? options) => _keystore.CreateKemKey(tenant, purpose, options);

    public KeyId CreateAttestationKey(KeyAlgorithm algorithm) => _keystore.CreateAttestationKey(algorithm);

    public KeyId CreateCapabilityKey() => _keystore.CreateCapabilityKey();

    public SecretBytes BeginCapability(out CapabilityId id) => _keystore.BeginCapability(out id);

    public SecretBytes ComputeCapabilityRoot(CapabilityId id) => _keystore.ComputeCapabilityRoot(id);

    public KeyId Import(string tenant, string purpose, KeyAlgorithm algorithm, ReadOnlySpan<byte> secret, KeyCreationOptions? options) =>
        _keystore.Import(tenant, purpose, algorithm, secret, options);

    public KeyId ImportPkcs8(string tenant, string purpose, KeyAlgorithm algorithm, ReadOnlySpan<byte> pkcs8, KeyCreationOptions? options) =>
        _keystore.ImportPkcs8(tenant, purpose, algorithm, pkcs8, options);

    public KeyId Rotate(KeyId key) => _keystore.Rotate(key);

    public void Disable(KeyId key) => _keystore.Disable(key);

    public void Enable(KeyId key) => _keystore.Enable(key);

    public void Destroy(KeyId key) => _keystore.Destroy(key);

    public void DestroyAllVersions(KeyId key) => _keystore.DestroyAllVersions(key);

    public KeyInfo Get(KeyId key) => _keystore.Get(key);

    public IReadOnlyList<KeyInfo> List(KeyFilter? filter) => _keystore.List(filter);

    public KeyId? FindCurrent(string tenant, string purpose) => _keystore.FindCurrent(tenant, purpose);

    public KmsPublicKey GetPublicKey(KeyId key) => _keystore.GetPublicKey(key);

    public Attestation Attest(KeyId key) => _keystore.Attest(key);

    public void Refresh() => _keystore.Refresh();

    public IKeystore ForCaller(string caller, string? correlationId) => _keystore.ForCaller(caller, correlationId);

    public byte[] Sign(KeyId key, ReadOnlySpan<byte> message, SignOptions? options) => _keystore.Sign(key, message, options);

    public byte[] Sign(KeyId key, ReadOnlySpan<byte> message, out KeyId signedBy, SignOptions? options) =>
        _keystore.Sign(key, message, out signedBy, options);

    public int Sign(KeyId key, ReadOnlySpan<byte> message, Span<byte> destination, out KeyId signedBy, SignOptions? options) =>
        _keystore.Sign(key, message, destination, out signedBy, options);

    public bool Verify(KeyId key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options) =>
        _keystore.Verify(key, message, signature, options);

    public void VerifyBatch(ReadOnlyMemory<VerifyItem> items, Memory<bool> results, int maxParallelism) =>
        _keystore.VerifyBatch(items, results, maxParallelism);

    public byte[] ComputeMac(KeyId key, ReadOnlySpan<byte> data, out KeyId computedBy) => _keystore.ComputeMac(key, data, out computedBy);

    public int ComputeMac(KeyId key, ReadOnlySpan<byte> data, Span<byte> destination, out KeyId computedBy) =>
        _keystore.ComputeMac(key, data, destination, out computedBy);

    public bool VerifyMac(KeyId key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac) => _keystore.VerifyMac(key, data, mac);

    public Encapsulation Encapsulate(KeyId key, out KeyId encapsulatedTo) => _keystore.Encapsulate(key, out encapsulatedTo);

    public void Encapsulate(KeyId key, Span<byte> ciphertext, Span<byte> sharedSecret, out KeyId encapsulatedTo) =>
        _keystore.Encapsulate(key, ciphertext, sharedSecret, out encapsulatedTo);

    public SecretBytes Decapsulate(KeyId key, ReadOnlySpan<byte> ciphertext) => _keystore.Decapsulate(key, ciphertext);

    public void Decapsulate(KeyId key, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret) =>
        _keystore.Decapsulate(key, ciphertext, sharedSecret);

    public byte[] Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData) =>
        _keystore.Wrap(key, plaintext, associatedData);

    public int Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> destination) =>
        _keystore.Wrap(key, plaintext, associatedData, destination);

    public SecretBytes Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData) =>
        _keystore.Unwrap(key, envelope, associatedData);

    public int Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> destination) =>
        _keystore.Unwrap(key, envelope, associatedData, destination);

    public SecretBytes HpkeOpen(KeyId key, ReadOnlySpan<byte> ciphertext, HpkeOptions? options) => _keystore.HpkeOpen(key, ciphertext, options);

    public int HpkeOpen(KeyId key, ReadOnlySpan<byte> ciphertext, Span<byte> destination, HpkeOptions? options) =>
        _keystore.HpkeOpen(key, ciphertext, destination, options);

    public byte[] Rewrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData) =>
        _keystore.Rewrap(key, envelope, associatedData);

    /// <summary>Does nothing: <see cref="KeystoreOwner"/> closes the keystore.</summary>
    public void Dispose()
    {
    }
}
