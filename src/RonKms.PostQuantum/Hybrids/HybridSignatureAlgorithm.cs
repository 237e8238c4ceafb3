using System.Security.Cryptography;
using RonKms.Algorithms;

namespace RonKms.PostQuantum.Hybrids;

/// <summary>Signatures by Ed25519 and ML-DSA-65 together. The leaves say in which order the halves lie and what they sign.</summary>
/// <remarks>
/// The secret is two seeds of 32 bytes; public keys have 32 and 1952 bytes, signatures 64 and 3309. An opened key is an opened key of either.
/// Nothing secret is computed with here: constant-time as the halves are. Verification runs both halves always and gives one verdict.
/// </remarks>
public abstract class HybridSignatureAlgorithm : SignatureAlgorithm
{
    private readonly SignatureAlgorithm _ed25519;
    private readonly SignatureAlgorithm _mldsa65;
    private readonly SignOptions _mldsa65Options;
    private readonly (Range Ed25519, Range MLDsa65) _seeds;
    private readonly (Range Ed25519, Range MLDsa65) _publicKeys;
    private readonly (Range Ed25519, Range MLDsa65) _signatures;

    /// <summary>Puts a hybrid together.</summary>
    /// <param name="id">The hybrid.</param>
    /// <param name="ed25519">The Ed25519 half.</param>
    /// <param name="mldsa65">The ML-DSA-65 half.</param>
    /// <param name="isEd25519First">In which order the halves of secrets, public keys and signatures lie.</param>
    /// <param name="mldsa65Context">The context of the ML-DSA-65 half, which binds it to the hybrid.</param>
    private protected HybridSignatureAlgorithm(
        KeyAlgorithm id, SignatureAlgorithm ed25519, SignatureAlgorithm mldsa65, bool isEd25519First, ReadOnlySpan<byte> mldsa65Context)
        : base(id)
    {
        _ed25519 = Require(ed25519, KeyAlgorithm.Ed25519, nameof(ed25519));
        _mldsa65 = Require(mldsa65, KeyAlgorithm.MLDsa65, nameof(mldsa65));
        _mldsa65Options = new SignOptions { Context = mldsa65Context.ToArray() };
        MaxSignatureSize = ed25519.MaxSignatureSize + mldsa65.MaxSignatureSize;
        _seeds = Place(ed25519.Id.SecretSize, mldsa65.Id.SecretSize);
        _publicKeys = Place(ed25519.Id.PublicKeySize, mldsa65.Id.PublicKeySize);
        _signatures = Place(ed25519.MaxSignatureSize, mldsa65.MaxSignatureSize);

        (Range, Range) Place(int ed25519Size, int mldsa65Size) =>
            isEd25519First ? (..ed25519Size, ed25519Size..) : (mldsa65Size.., ..mldsa65Size);
    }

    /// <summary>What computes the ML-DSA-65 half: "platform" or "managed". The other half is libsodium's.</summary>
    public override string Provider => _mldsa65.Provider;

    /// <inheritdoc/>
    public override int MaxSignatureSize { get; }

    /// <summary>The room that <see cref="Represent"/> needs; 0 where the halves sign the message itself.</summary>
    private protected virtual int RepresentativeMaxSize => 0;

    /// <summary>Signs with both halves. Where one fails, nothing is left of the other's signature.</summary>
    /// <param name="ed25519">The opened Ed25519 half.</param>
    /// <param name="mldsa65">The opened ML-DSA-65 half.</param>
    /// <param name="message">The message.</param>
    /// <param name="signature">Receives the signature, of the exact size.</param>
    /// <param name="options">The options, checked.</param>
    internal void Sign(SigningKey ed25519, SigningKey mldsa65, ReadOnlySpan<byte> message, Span<byte> signature, SignOptions? options)
    {
        try
        {
            ReadOnlySpan<byte> signed = Represent(message, options, stackalloc byte[RepresentativeMaxSize]);
            ed25519.Sign(signed, signature[_signatures.Ed25519]);
            mldsa65.Sign(signed, signature[_signatures.MLDsa65], _mldsa65Options);
        }
        catch
        {
            signature.Clear();
            throw;
        }
    }

    /// <summary>What both halves sign.</summary>
    /// <param name="message">The message.</param>
    /// <param name="options">The options, checked.</param>
    /// <param name="room">Where a representative of the message may be written; <see cref="RepresentativeMaxSize"/> bytes.</param>
    /// <returns>The message, or what was written.</returns>
    private protected virtual ReadOnlySpan<byte> Represent(ReadOnlySpan<byte> message, SignOptions? options, Span<byte> room) => message;

    /// <summary>The verdict over both halves.</summary>
    /// <param name="isEd25519Good">Whether the Ed25519 half is good.</param>
    /// <param name="isMLDsa65Good">Whether the ML-DSA-65 half is good.</param>
    /// <param name="options">The options, checked.</param>
    /// <returns>Whether the signature is good.</returns>
    private protected virtual bool Judge(bool isEd25519Good, bool isMLDsa65Good, SignOptions? options) => isEd25519Good & isMLDsa65Good;

    /// <inheritdoc/>
    protected sealed override int GenerateSecretCore(Span<byte> secret)
    {
        // Both halves are uniform seeds.
        Entropy.Fill(secret);
        return secret.Length;
    }

    /// <inheritdoc/>
    /// <remarks>One seed in both places is refused: the halves are to be independent, and whoever made such a secret made it wrongly.</remarks>
    protected sealed override bool TryGetPublicKeyCore(ReadOnlySpan<byte> secret, Span<byte> publicKey) =>
        !CryptographicOperations.FixedTimeEquals(secret[_seeds.Ed25519], secret[_seeds.MLDsa65])
        & _ed25519.TryGetPublicKey(secret[_seeds.Ed25519], publicKey[_publicKeys.Ed25519])
        & _mldsa65.TryGetPublicKey(secret[_seeds.MLDsa65], publicKey[_publicKeys.MLDsa65]);

    /// <inheritdoc/>
    protected sealed override bool IsValidPublicKeyCore(ReadOnlySpan<byte> publicKey) =>
        _ed25519.IsValidPublicKey(publicKey[_publicKeys.Ed25519]) & _mldsa65.IsValidPublicKey(publicKey[_publicKeys.MLDsa65]);

    /// <inheritdoc/>
    protected sealed override SigningKey OpenCore(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey)
    {
        SigningKey ed25519 = _ed25519.Open(secret[_seeds.Ed25519], publicKey[_publicKeys.Ed25519]);
        try
        {
            return new HybridSigningKey(this, ed25519, _mldsa65.Open(secret[_seeds.MLDsa65], publicKey[_publicKeys.MLDsa65]));
        }
        catch
        {
            ed25519.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected sealed override bool VerifyCore(
        ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options)
    {
        if (signature.Length != MaxSignatureSize)
        {
            return false;
        }

        ReadOnlySpan<byte> signed = Represent(message, options, stackalloc byte[RepresentativeMaxSize]);
        bool isEd25519Good = _ed25519.Verify(publicKey[_publicKeys.Ed25519], signed, signature[_signatures.Ed25519]);
        bool isMLDsa65Good = _mldsa65.Verify(publicKey[_publicKeys.MLDsa65], signed, signature[_signatures.MLDsa65], _mldsa65Options);
        return Judge(isEd25519Good, isMLDsa65Good, options);
    }

    private static SignatureAlgorithm Require(SignatureAlgorithm half, KeyAlgorithm id, string name)
    {
        ArgumentNullException.ThrowIfNull(half, name);
        return half.Id == id ? half : throw new ArgumentException($"{half.Id} is not {id}.", name);
    }
}
