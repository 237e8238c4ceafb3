using System.Security.Cryptography;

namespace RonKms.Benchmarks.Pq;

/// <summary>SHA-512 of 1 MiB, by the platform: the work that post-quantum operations are compared with, because every machine can do it.</summary>
internal sealed class Mebibyte
{
    private readonly byte[] _bytes = new byte[1 << 20];
    private readonly byte[] _digest = new byte[SHA512.HashSizeInBytes];

    internal void Hash(int count)
    {
        for (int i = 0; i < count; i++)
        {
            SHA512.HashData(_bytes, _digest);
        }
    }
}
