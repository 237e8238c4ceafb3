namespace RonKms.PostQuantum;

/// <summary>A hash function that a message may be hashed with before it is signed: FIPS 204, section 5.4; FIPS 205, section 10.2.</summary>
/// <remarks>
/// A closed set, compared by reference. The caller hashes: the digest alone is signed, so a signature is only as strong as the function
/// resists collisions. Object identifiers: NIST's arc 2.16.840.1.101.3.4.2.
/// </remarks>
public sealed class PreHashFunction
{
    private readonly byte[] _encodedOid;

    private PreHashFunction(string name, byte oid, int digestSize)
    {
        Name = name;
        _encodedOid = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, oid];
        DigestSize = digestSize;
    }

    /// <summary>SHA2-256 (FIPS 180-4), 32 bytes.</summary>
    public static PreHashFunction Sha256 { get; } = new("SHA2-256", 1, 32);

    /// <summary>SHA2-384 (FIPS 180-4), 48 bytes.</summary>
    public static PreHashFunction Sha384 { get; } = new("SHA2-384", 2, 48);

    /// <summary>SHA2-512 (FIPS 180-4), 64 bytes.</summary>
    public static PreHashFunction Sha512 { get; } = new("SHA2-512", 3, 64);

    /// <summary>SHA2-224 (FIPS 180-4), 28 bytes.</summary>
    public static PreHashFunction Sha224 { get; } = new("SHA2-224", 4, 28);

    /// <summary>SHA2-512/224 (FIPS 180-4), 28 bytes.</summary>
    public static PreHashFunction Sha512To224 { get; } = new("SHA2-512/224", 5, 28);

    /// <summary>SHA2-512/256 (FIPS 180-4), 32 bytes.</summary>
    public static PreHashFunction Sha512To256 { get; } = new("SHA2-512/256", 6, 32);

    /// <summary>SHA3-224 (FIPS 202), 28 bytes.</summary>
    public static PreHashFunction Sha3To224 { get; } = new("SHA3-224", 7, 28);

    /// <summary>SHA3-256 (FIPS 202), 32 bytes.</summary>
    public static PreHashFunction Sha3To256 { get; } = new("SHA3-256", 8, 32);

    /// <summary>SHA3-384 (FIPS 202), 48 bytes.</summary>
    public static PreHashFunction Sha3To384 { get; } = new("SHA3-384", 9, 48);

    /// <summary>SHA3-512 (FIPS 202), 64 bytes.</summary>
    public static PreHashFunction Sha3To512 { get; } = new("SHA3-512", 10, 64);

    /// <summary>SHAKE-128 (FIPS 202) with an output of 32 bytes.</summary>
    public static PreHashFunction Shake128 { get; } = new("SHAKE-128", 11, 32);

    /// <summary>SHAKE-256 (FIPS 202) with an output of 64 bytes.</summary>
    public static PreHashFunction Shake256 { get; } = new("SHAKE-256", 12, 64);

    /// <summary>The functions.</summary>
    public static IReadOnlyList<PreHashFunction> All { get; } = Array.AsReadOnly<PreHashFunction>(
    [
        Sha224, Sha256, Sha384, Sha512, Sha512To224, Sha512To256, Sha3To224, Sha3To256, Sha3To384, Sha3To512, Shake128, Shake256,
    ]);

    /// <summary>The name in the standards' test vectors.</summary>
    public string Name { get; }

    /// <summary>The size of a digest in bytes.</summary>
    public int DigestSize { get; }

    /// <summary>The object identifier, DER.</summary>
    internal ReadOnlySpan<byte> EncodedOid => _encodedOid;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Refuses a digest of another size.</summary>
    /// <param name="digest">The digest.</param>
    /// <exception cref="ArgumentException">The size is another one.</exception>
    internal void Check(ReadOnlySpan<byte> digest)
    {
        if (digest.Length != DigestSize)
        {
            throw new ArgumentException($"A digest of {Name} has {DigestSize} bytes.", nameof(digest));
        }
    }
}
