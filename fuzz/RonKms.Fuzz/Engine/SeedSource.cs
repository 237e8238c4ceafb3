using System.Text;
using System.Text.Json;

namespace RonKms.Fuzz.Engine;

/// <summary>The vectors, of which seeds are made.</summary>
/// <param name="root">The repository.</param>
internal sealed class SeedSource(string root)
{
    /// <summary>A file of vectors, with its cases.</summary>
    internal JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(ReadBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>A file of vectors as it is.</summary>
    internal byte[] ReadBytes(string path) => File.ReadAllBytes(Path.Combine(root, "vectors", path));

    /// <summary>A member of each case that has it, as it is written.</summary>
    internal IEnumerable<byte[]> Texts(string path, string list, string member) => Members(path, list, member).Select(Encoding.UTF8.GetBytes);

    /// <summary>A member of each case that has it, in hex.</summary>
    internal IEnumerable<byte[]> Hex(string path, string list, string member) => Members(path, list, member).Select(Convert.FromHexString);

    private IEnumerable<string> Members(string path, string list, string member) => Read(path).GetProperty(list).EnumerateArray()
        .Where(one => one.TryGetProperty(member, out JsonElement value) && value.ValueKind == JsonValueKind.String)
        .Select(one => one.GetProperty(member).GetString()!);
}
