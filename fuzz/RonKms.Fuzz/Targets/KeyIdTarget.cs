using System.Text;
using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Targets;

/// <summary>Names of keys: what is read is printed to the same text, but for the letter case of algorithm and UUID.</summary>
internal static class KeyIdTarget
{
    internal static FuzzTarget Target { get; } = new("key-id", Run)
    {
        Tokens = ["/", "#v", "#latest", "#v4294967295", "#v4294967296", "ronkms.", .. KeyAlgorithm.All.Select(algorithm => algorithm.Name)],
        Seeds = static source => source.Texts("ronk/keyids.json", "valid", "text"),
        MaxSize = 512,
    };

    private static void Run(ReadOnlySpan<byte> input)
    {
        string text = Encoding.Latin1.GetString(input);
        if (!KeyId.TryParse(text, out KeyId? id))
        {
            return;
        }

        string printed = id.ToString();
        Oracle.Holds(string.Equals(printed, text, StringComparison.OrdinalIgnoreCase), $"printed as {printed}");
        Oracle.Holds(id.IsPrinted(text) == (printed == text), $"whether it is the printed form, {printed}, was answered wrongly");
        Oracle.Holds(printed.Length <= KeyId.MaxLength, $"{printed} is too long");
        Oracle.Holds(KeyId.Parse(printed) == id && KeyId.Parse(printed).GetHashCode() == id.GetHashCode(), $"{printed} is read as another name");

        Span<char> room = stackalloc char[KeyId.MaxLength];
        Oracle.Holds(id.TryFormat(room, out int length, default, null), "the name does not fit");
        Oracle.Same(printed, room[..length]);
    }
}
