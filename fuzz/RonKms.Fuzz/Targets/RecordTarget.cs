using RonKms.Fuzz.Engine;
using RonKms.Sealing;

namespace RonKms.Fuzz.Targets;

/// <summary>Sealed records: a header that is read is written to the same bytes, and so is the body behind it.</summary>
internal static class RecordTarget
{
    // What bodies of the seeds are of; a body that names another one is refused.
    private static readonly KeyId s_key = KeyId.Parse("acme/signing/ed25519/3d7313c9-2a3b-4fda-b8f6-0c6e19094d0d#v1");

    internal static FuzzTarget Target { get; } = new("record", Run)
    {
        Tokens = ["RONK", "\u0001", "acme", "signing"],
        Seeds = static source =>
            from test in source.Read("ronk/records.json").GetProperty("cases").EnumerateArray()
            select (byte[])[.. Convert.FromHexString(test.GetProperty("header").GetString()!), .. Convert.FromHexString(test.GetProperty("body").GetString()!)],
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (RonkCodec.TryDecode(input, out RonkHeader header))
        {
            byte[] written = new byte[header.Size];
            RonkCodec.Encode(header, written);
            Oracle.Same(input[..header.Size], written);
            input = input[header.Size..];
        }

        if (RecordBody.TryDecode(input, s_key, out RecordBody body))
        {
            byte[] written = new byte[body.Size];
            body.Encode(written);
            Oracle.Same(input, written);
        }
    }
}
