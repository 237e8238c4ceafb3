using System.Security.Cryptography;

namespace RonKms.PostQuantum.SlhDsa;

/// <summary>SLH-DSA over one family of functions: FIPS 205, section 9.</summary>
/// <remarks>
/// Constant time: SK.seed and SK.prf go into hashes and nowhere else. What control flow and addresses depend on, the message digest and
/// the nodes that are signed, can be computed from the signature and the public key.
/// </remarks>
/// <typeparam name="THash">The family.</typeparam>
internal sealed class SlhDsaScheme<THash> : SlhDsaScheme
    where THash : struct, ITweakableHash<THash>
{
    internal SlhDsaScheme(SlhDsaParameters parameters)
        : base(parameters)
    {
    }

    /// <inheritdoc/>
    internal override void ComputeRoot(ReadOnlySpan<byte> skSeed, ReadOnlySpan<byte> pkSeed, Span<byte> root)
    {
        THash hash = THash.Create(pkSeed);
        try
        {
            Address adrs = default;
            adrs.SetLayerAddress(Parameters.D - 1);
            Xmss.Root(ref hash, Parameters, skSeed, in adrs, root);
        }
        finally
        {
            hash.Wipe();
        }
    }

    /// <inheritdoc/>
    internal override void SignInternal(
        ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> addrnd, Span<byte> signature)
    {
        SlhDsaParameters p = Parameters;
        ReadOnlySpan<byte> skSeed = privateKey[..p.N];
        ReadOnlySpan<byte> skPrf = privateKey.Slice(p.N, p.N);
        ReadOnlySpan<byte> publicKey = privateKey.Slice(2 * p.N, 2 * p.N);
        Span<byte> digest = stackalloc byte[SlhDsaParameters.MaxM];
        Span<byte> forsPk = stackalloc byte[SlhDsaParameters.MaxN];
        forsPk = forsPk[..p.N];

        bool isDone = false;
        THash hash = THash.Create(publicKey[..p.N]);
        try
        {
            // Lines 2 to 4.
            Span<byte> r = signature[..p.N];
            hash.PrfMsg(skPrf, addrnd, prefix, message, r);

            // Lines 5 to 10.
            digest = digest[..p.M];
            hash.HMsg(r, publicKey, prefix, message, digest);
            Digest parts = new(p, digest);

            // Lines 11 to 18.
            Address adrs = parts.ForsAddress();
            ReadOnlySpan<byte> md = digest[..Digest.MdSize(p)];
            Span<byte> forsSig = signature.Slice(p.N, p.ForsSignatureSize);
            Span<byte> htSig = signature[(p.N + p.ForsSignatureSize)..p.SignatureSize];
            if (Threads == 1)
            {
                Fors.Sign(ref hash, p, md, skSeed, in adrs, forsSig, forsPk);
                Hypertree.Sign(ref hash, p, forsPk, skSeed, parts.IdxTree, parts.IdxLeaf, htSig);
            }
            else
            {
                Span<byte> forsRoots = stackalloc byte[p.K * p.N];
                Span<byte> htRoots = stackalloc byte[p.D * p.N];
                ParallelTrees.Compute<THash>(Threads, publicKey[..p.N], p, md, parts, skSeed, forsSig, forsRoots, htSig, htRoots);
                Fors.CompressRoots(ref hash, in adrs, forsRoots, forsPk);
                Hypertree.SignRoots(ref hash, p, forsPk, htRoots, skSeed, parts, htSig);
            }

            isDone = true;
        }
        finally
        {
            hash.Wipe();
            if (!isDone)
            {
                // A part of a signature shows secret values of FORS, and is of no use to anyone honest.
                CryptographicOperations.ZeroMemory(signature);
            }
        }
    }

    /// <inheritdoc/>
    internal override bool VerifyInternal(
        ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey)
    {
        // Lines 1 to 3.
        SlhDsaParameters p = Parameters;
        if (signature.Length != p.SignatureSize || publicKey.Length != p.PublicKeySize)
        {
            return false;
        }

        // Lines 4 to 13.
        THash hash = THash.Create(publicKey[..p.N]);
        Span<byte> digest = stackalloc byte[SlhDsaParameters.MaxM];
        digest = digest[..p.M];
        hash.HMsg(signature[..p.N], publicKey, prefix, message, digest);
        Digest parts = new(p, digest);

        // Lines 14 to 17.
        Span<byte> forsPk = stackalloc byte[SlhDsaParameters.MaxN];
        forsPk = forsPk[..p.N];
        Address adrs = parts.ForsAddress();
        Fors.PkFromSig(ref hash, p, signature.Slice(p.N, p.ForsSignatureSize), digest[..Digest.MdSize(p)], in adrs, forsPk);

        // Line 18.
        return Hypertree.Verify(
            ref hash, p, forsPk, signature[(p.N + p.ForsSignatureSize)..], parts.IdxTree, parts.IdxLeaf, publicKey[p.N..]);
    }
}
