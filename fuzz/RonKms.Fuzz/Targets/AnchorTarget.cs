extern alias core;

using core::RonKms.Custody;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>An anchor's head: what is read is written to the same bytes.</summary>
internal static class AnchorTarget
{
    internal static FuzzTarget Target { get; } = new("anchor", Run)
    {
        Tokens = ["\"format\":\"ronk-anchor/1\"", "\"head\":\"", "\"mac\":\"", "\"seq\":", "\"store_id\":\"", "null", "9223372036854775807", "\\u0000", ",", "}"],
        Seeds = static source => source.Texts("ronk/journals.json", "cases", "anchor"),
        MaxSize = 1024,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        if (AnchorJson.Read(input) is { } head)
        {
            Oracle.Same(input, AnchorJson.Write(head));
        }
    }
}
