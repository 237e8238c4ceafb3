extern alias core;

using core::RonKms.Algorithms;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>P-256 signatures in DER: what is decoded is encoded to the same bytes.</summary>
internal static class EcdsaDerTarget
{
    internal static FuzzTarget Target { get; } = new("ecdsa-der", Run)
    {
        Seeds = static _ => [Encoded(0x11), Encoded(0xEE), [0x30, 6, 2, 1, 0, 2, 1, 0]],
        MaxSize = 256,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        Span<byte> signature = stackalloc byte[64];
        if (EcdsaDer.TryDecode(input, signature))
        {
            Span<byte> encoded = stackalloc byte[EcdsaDer.MaxSize];
            Oracle.Same(input, encoded[..EcdsaDer.Encode(signature, encoded)]);
        }
    }

    private static byte[] Encoded(byte value)
    {
        byte[] signature = new byte[64];
        signature.AsSpan().Fill(value);
        byte[] encoded = new byte[EcdsaDer.MaxSize];
        return encoded[..EcdsaDer.Encode(signature, encoded)];
    }
}
