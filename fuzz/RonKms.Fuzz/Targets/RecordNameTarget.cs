using System.Text;
using RonKms.Fuzz.Engine;
using RonKms.Storage;

namespace RonKms.Fuzz.Targets;

/// <summary>Names of record files: what is read is written to the same text.</summary>
internal static class RecordNameTarget
{
    internal static FuzzTarget Target { get; } = new("record-name", Run)
    {
        Tokens = [".ronk", ".pub", ".v1", ".v4294967295", "{", "0x", "-", "\0"],
        Seeds = static _ => new[] { "3d7313c9-2a3b-4fda-b8f6-0c6e19094d0d.v1.ronk", "0f8b2c4e-9d31-4a67-8b5e-1c2d3e4f5a6b.v12.pub" }.Select(Encoding.ASCII.GetBytes),
        MaxSize = 128,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        string name = Encoding.Latin1.GetString(input);
        string directory = name[..Math.Min(2, name.Length)];
        if (RecordName.TryParse(directory, name, out RecordName parsed))
        {
            Oracle.Same(name, parsed.ToString());
            Oracle.Holds(parsed.Directory == directory && RecordName.IsDirectory(directory), $"it lies in {parsed.Directory}, and not in {directory}");
        }
    }
}
