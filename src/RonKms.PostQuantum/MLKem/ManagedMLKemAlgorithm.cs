using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.PostQuantum.Keccak;

namespace RonKms.PostQuantum.MLKem;

/// <summary>ML-KEM-512, ML-KEM-768 and ML-KEM-1024, managed.</summary>
/// <remarks>
/// Secret 64 bytes, d ‖ z. Public key 800, 1184 or 1568 bytes, ciphertext 768, 1088 or 1568, shared secret 32. A ciphertext that
/// encapsulation never makes is rejected implicitly: it opens to a secret that nobody else can know. An opened key keeps ŝ and z in
/// guarded memory (1, 2 or 2 KiB, and 64 bytes) and Â and t̂, which are public, outside it (3, 6 or 10 KiB): making Â anew would cost a
/// decapsulation a quarter more. A public key that is encapsulated to again is kept ready in the same way, at most 32 of them. Constant time over secrets, as each file here says for itself. No allocation but for opening.
/// Source: FIPS 203.
/// </remarks>
public sealed class ManagedMLKemAlgorithm : KemAlgorithm
{
    // A public key ready to encapsulate: Â, t̂ and its hash.
    private const int HashWords = MLKemParameters.SymbolSize / sizeof(short);
    private const int LargestReady = EncapsulationKey.LargestRoom + HashWords;

    private readonly MLKemParameters _parameters;
    private readonly PublicKeyCache<short> _publicKeys;

    /// <summary>Creates the implementation of a parameter set.</summary>
    /// <param name="id"><see cref="KeyAlgorithm.MLKem512"/>, <see cref="KeyAlgorithm.MLKem768"/> or <see cref="KeyAlgorithm.MLKem1024"/>.</param>
    /// <exception cref="ArgumentException">The algorithm is not ML-KEM.</exception>
    public ManagedMLKemAlgorithm(KeyAlgorithm id)
        : base(id)
    {
        _parameters = MLKemParameters.Of(id);
        _publicKeys = new PublicKeyCache<short>(EncapsulationKey.RoomOf(_parameters) + HashWords, TryMakeReady);
    }

    /// <inheritdoc/>
    public override string Provider => "managed";

    /// <inheritdoc/>
    public override int CiphertextSize => _parameters.CiphertextSize;

    /// <inheritdoc/>
    public override int SharedSecretSize => MLKemParameters.SymbolSize;

    /// <summary>The parameter set.</summary>
    internal MLKemParameters Parameters => _parameters;

    /// <inheritdoc/>
    public override byte[] ExportSubjectPublicKeyInfo(ReadOnlySpan<byte> publicKey) =>
        MLKemKeyFormats.ExportSubjectPublicKeyInfo(_parameters, publicKey);

    /// <inheritdoc/>
    public override IReadOnlyList<KeyValuePair<string, string>> ExportJwk(ReadOnlySpan<byte> publicKey) =>
        MLKemKeyFormats.ExportJwk(_parameters, publicKey);

    /// <inheritdoc/>
    /// <remarks>Takes the seed, alone or beside an expanded key that is the seed's.</remarks>
    /// <exception cref="KmsException"><see cref="KmsError.ImportRefused"/>: there is only an expanded key.</exception>
    public override SecretBytes? ImportPkcs8(ReadOnlySpan<byte> pkcs8) => MLKemKeyFormats.ImportPkcs8(_parameters, pkcs8);

    /// <summary>Encapsulates with a given m: algorithm 17 after the checks of section 7.2.</summary>
    /// <param name="publicKey">The encapsulation key.</param>
    /// <param name="m">m, 32 bytes.</param>
    /// <param name="ciphertext">Receives the ciphertext.</param>
    /// <param name="sharedSecret">Receives the shared secret.</param>
    /// <returns>Whether the key passed; otherwise nothing is written.</returns>
    [SkipLocalsInit]
    internal bool TryEncapsulate(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> m, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        Span<short> fresh = stackalloc short[LargestReady];
        Span<short> kept = _publicKeys.Find(publicKey);
        Span<short> room = kept.IsEmpty ? fresh : kept;
        if (kept.IsEmpty && !TryMakeReady(publicKey, fresh))
        {
            return false;
        }

        ReadOnlySpan<byte> hash = MemoryMarshal.AsBytes(room.Slice(EncapsulationKey.RoomOf(_parameters), HashWords));
        MLKemInternal.Encaps(new EncapsulationKey(_parameters, room), hash, m, sharedSecret, ciphertext);
        return true;
    }

    /// <inheritdoc/>
    protected override int GenerateSecretCore(Span<byte> secret)
    {
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    protected override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        Span<short> room = stackalloc short[EncapsulationKey.LargestRoom];
        Span<short> s = (stackalloc short[MLKemParameters.MostK * Polynomial.Size])[..(_parameters.K * Polynomial.Size)];
        MLKemInternal.KeyGen(secret[..MLKemParameters.SymbolSize], new EncapsulationKey(_parameters, room), publicKey, s);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(s));
        return true;
    }

    /// <inheritdoc/>
    protected override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) => MLKemKeyCheck.IsValidEncapsulationKey(_parameters, publicKey);

    /// <inheritdoc/>
    protected override DecapsulationKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey) =>
        MLKemDecapsulationKey.FromSeed(this, secret);

    /// <inheritdoc/>
    protected override bool TryEncapsulateCore(ReadOnlySpan<byte> publicKey, Span<byte> ciphertext, Span<byte> sharedSecret)
    {
        Span<byte> m = stackalloc byte[MLKemParameters.SymbolSize];
        try
        {
            Entropy.Fill(m);
            return TryEncapsulate(publicKey, m, ciphertext, sharedSecret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(m);
        }
    }

    private bool TryMakeReady(ReadOnlySpan<byte> publicKey, Span<short> room)
    {
        int size = EncapsulationKey.RoomOf(_parameters);
        Sha3.Hash256(publicKey, MemoryMarshal.AsBytes(room.Slice(size, HashWords)));
        return new EncapsulationKey(_parameters, room).TryDecode(publicKey);
    }
}
