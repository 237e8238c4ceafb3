namespace RonKms.PostQuantum.SlhDsa;

/// <summary>A parameter set of SLH-DSA: FIPS 205, section 11, table 2. A closed set, compared by reference.</summary>
internal sealed class SlhDsaParameters
{
    /// <summary>The largest n of all sets, for buffers on the stack.</summary>
    internal const int MaxN = 32;

    /// <summary>The largest len of all sets.</summary>
    internal const int MaxLen = (2 * MaxN) + Len2;

    /// <summary>The largest m of all sets.</summary>
    internal const int MaxM = 49;

    /// <summary>The largest k of all sets.</summary>
    internal const int MaxK = 35;

    /// <summary>lg w: the bits of a message that a WOTS+ chain signs.</summary>
    internal const int LgW = 4;

    /// <summary>w: the length of a WOTS+ chain.</summary>
    internal const int W = 1 << LgW;

    /// <summary>len₂: the chains that sign a checksum (algorithm 1 gives 3 for every n).</summary>
    internal const int Len2 = 3;

    //                                                                                            n   h   d  h'   a   k   m  oid
    internal static readonly SlhDsaParameters Sha2_128s = new(KeyAlgorithm.SlhDsaSha2_128s, false, 16, 63, 7, 9, 12, 14, 30, 20);
    internal static readonly SlhDsaParameters Sha2_128f = new(KeyAlgorithm.SlhDsaSha2_128f, false, 16, 66, 22, 3, 6, 33, 34, 21);
    internal static readonly SlhDsaParameters Sha2_192s = new(KeyAlgorithm.SlhDsaSha2_192s, false, 24, 63, 7, 9, 14, 17, 39, 22);
    internal static readonly SlhDsaParameters Sha2_192f = new(KeyAlgorithm.SlhDsaSha2_192f, false, 24, 66, 22, 3, 8, 33, 42, 23);
    internal static readonly SlhDsaParameters Sha2_256s = new(KeyAlgorithm.SlhDsaSha2_256s, false, 32, 64, 8, 8, 14, 22, 47, 24);
    internal static readonly SlhDsaParameters Sha2_256f = new(KeyAlgorithm.SlhDsaSha2_256f, false, 32, 68, 17, 4, 9, 35, 49, 25);
    internal static readonly SlhDsaParameters Shake128s = new(KeyAlgorithm.SlhDsaShake128s, true, 16, 63, 7, 9, 12, 14, 30, 26);
    internal static readonly SlhDsaParameters Shake128f = new(KeyAlgorithm.SlhDsaShake128f, true, 16, 66, 22, 3, 6, 33, 34, 27);
    internal static readonly SlhDsaParameters Shake192s = new(KeyAlgorithm.SlhDsaShake192s, true, 24, 63, 7, 9, 14, 17, 39, 28);
    internal static readonly SlhDsaParameters Shake192f = new(KeyAlgorithm.SlhDsaShake192f, true, 24, 66, 22, 3, 8, 33, 42, 29);
    internal static readonly SlhDsaParameters Shake256s = new(KeyAlgorithm.SlhDsaShake256s, true, 32, 64, 8, 8, 14, 22, 47, 30);
    internal static readonly SlhDsaParameters Shake256f = new(KeyAlgorithm.SlhDsaShake256f, true, 32, 68, 17, 4, 9, 35, 49, 31);

    private SlhDsaParameters(KeyAlgorithm id, bool isShake, int n, int h, int d, int hPrime, int a, int k, int m, byte oid)
    {
        Id = id;
        IsShake = isShake;
        N = n;
        H = h;
        D = d;
        HPrime = hPrime;
        A = a;
        K = k;
        M = m;
        OidEnd = oid;
    }

    /// <summary>All twelve, in the order of their object identifiers.</summary>
    internal static IReadOnlyList<SlhDsaParameters> All { get; } =
    [
        Sha2_128s, Sha2_128f, Sha2_192s, Sha2_192f, Sha2_256s, Sha2_256f, Shake128s, Shake128f, Shake192s, Shake192f, Shake256s, Shake256f,
    ];

    /// <summary>The algorithm in the sealed format.</summary>
    internal KeyAlgorithm Id { get; }

    /// <summary>The name in the standard, as "SLH-DSA-SHA2-128s".</summary>
    internal string Name => $"SLH-DSA-{(IsShake ? "SHAKE" : "SHA2")}-{8 * N}{(D > 8 ? 'f' : 's')}";

    /// <summary>The last arc of the object identifier: 2.16.840.1.101.3.4.3 and this (RFC 9909, section 3).</summary>
    internal byte OidEnd { get; }

    /// <summary>Whether the functions are SHAKE256's (section 11.1), rather than SHA-2's (section 11.2).</summary>
    internal bool IsShake { get; }

    /// <summary>n: the security parameter, and the size of a node, in bytes.</summary>
    internal int N { get; }

    /// <summary>h: the height of the hypertree.</summary>
    internal int H { get; }

    /// <summary>d: its layers.</summary>
    internal int D { get; }

    /// <summary>h′: the height of a tree in it.</summary>
    internal int HPrime { get; }

    /// <summary>a: the height of a FORS tree.</summary>
    internal int A { get; }

    /// <summary>k: the number of FORS trees.</summary>
    internal int K { get; }

    /// <summary>m: the size of the message digest in bytes.</summary>
    internal int M { get; }

    /// <summary>len: the chains of a WOTS+ key.</summary>
    internal int Len => (2 * N) + Len2;

    /// <summary>The size of a public key in bytes.</summary>
    internal int PublicKeySize => 2 * N;

    /// <summary>The size of a private key in bytes.</summary>
    internal int PrivateKeySize => 4 * N;

    /// <summary>The size of a FORS signature in bytes.</summary>
    internal int ForsSignatureSize => K * (1 + A) * N;

    /// <summary>The size of an XMSS signature in bytes.</summary>
    internal int XmssSignatureSize => (Len + HPrime) * N;

    /// <summary>The size of a signature in bytes: R, the FORS signature, the hypertree's signature.</summary>
    internal int SignatureSize => N + ForsSignatureSize + (D * XmssSignatureSize);

    /// <summary>The parameter set of an algorithm.</summary>
    /// <param name="id">The algorithm.</param>
    /// <returns>The set.</returns>
    /// <exception cref="ArgumentException">The algorithm is another one.</exception>
    internal static SlhDsaParameters Of(KeyAlgorithm id) =>
        All.FirstOrDefault(p => ReferenceEquals(p.Id, id))
        ?? throw new ArgumentException($"{id} is not a parameter set of SLH-DSA.", nameof(id));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
