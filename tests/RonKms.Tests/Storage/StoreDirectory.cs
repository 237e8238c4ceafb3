using System.Globalization;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace RonKms.Tests.Storage;

/// <summary>A directory in which one test has a store, and puts things that do not belong there.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class StoreDirectory : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    internal string Parent => _directory.Path;

    internal string Root => _directory["store"];

    internal string Journal => this["g1", "journal.jsonl"];

    internal string this[params ReadOnlySpan<string> names] => Path.Combine([Root, .. names]);

    public void Dispose() => _directory.Dispose();

    /// <summary>All that lies in a directory: names, modes, times of the last change, contents; but for the lock's, which .NET cannot read while it is held.</summary>
    internal static string Image(string root)
    {
        StringBuilder image = new();
        foreach (string path in (string[])[root, .. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)])
        {
            string content = File.Exists(path) && Path.GetFileName(path) != "lock" ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : "";
            image.AppendLine(CultureInfo.InvariantCulture, $"{path} {File.GetUnixFileMode(path)} {File.GetLastWriteTimeUtc(path):O} {content}");
        }

        return image.ToString();
    }

    /// <summary>A path beside the store.</summary>
    internal string Outside(params ReadOnlySpan<string> names) => _directory[names];

    /// <summary>Makes the store's directory and others below it, all private.</summary>
    internal void MakeDirectories(string below)
    {
        string path = TemporaryDirectory.MakePrivate(Root);
        foreach (string name in below.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            path = TemporaryDirectory.MakePrivate(Path.Combine(path, name));
        }
    }

    internal void WritePrivate(string name, string content)
    {
        File.WriteAllText(this[name], content);
        File.SetUnixFileMode(this[name], UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    internal void Lengthen(string name, long length)
    {
        using FileStream file = File.OpenWrite(this[name]);
        file.SetLength(length);
    }
}
