using RonKms.Algorithms;
using RonKms.Fuzz.Engine;
using RonKms.Sealing;

namespace RonKms.Fuzz.Targets;

/// <summary>Envelopes: one that is changed in any way does not open.</summary>
internal static class EnvelopeTarget
{
    private static readonly KeyId s_id = KeyId.Parse("acme/wrapping/chacha20poly1305/3d7313c9-2a3b-4fda-b8f6-0c6e19094d0d#v1");
    private static readonly AeadKey s_key = new XChaCha20Poly1305Algorithm().Open(new byte[32]);
    private static readonly byte[][] s_sealed = [Seal([]), Seal("a plaintext of some length"u8)];

    internal static FuzzTarget Target { get; } = new("envelope", Run)
    {
        Seeds = static source => [.. s_sealed, .. source.Hex("ronk/envelopes.json", "cases", "envelope")],
        MaxSize = 1024,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (!Envelope.TryReadHeader(input, out Guid key, out uint version))
        {
            return;
        }

        Oracle.Holds(input.Length >= Envelope.Overhead && version > 0, "a header was read that is none");
        Span<byte> header = stackalloc byte[21];
        header[0] = 1;
        key.TryWriteBytes(header[1..], bigEndian: true, out _);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(header[17..], version);
        Oracle.Same(input[..21], header);

        byte[] plaintext = new byte[Envelope.PlaintextSize(input)];
        if (s_key.TryEnter())
        {
            try
            {
                bool isOpened = Envelope.TryOpen(s_key, input, [], plaintext);
                Oracle.Holds(!isOpened || IsSealed(input), "it opens, and nobody sealed it");
            }
            finally
            {
                s_key.Leave();
            }
        }
    }

    private static bool IsSealed(ReadOnlySpan<byte> input) => input.SequenceEqual(s_sealed[0]) || input.SequenceEqual(s_sealed[1]);

    private static byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        byte[] envelope = new byte[plaintext.Length + Envelope.Overhead];
        Envelope.Seal(s_key, s_id, plaintext, [], envelope, new byte[AeadAlgorithm.NonceSize]);
        return envelope;
    }
}
