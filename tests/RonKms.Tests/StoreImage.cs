using System.Runtime.Versioning;
using System.Security.Cryptography;
using RonKms.Tests.Storage;

namespace RonKms.Tests;

/// <summary>A store's directory as a whole: copied, compared, damaged.</summary>
internal static class StoreImage
{
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Copies a tree, and makes the copy private.</summary>
    internal static string Copy(string from, string to)
    {
        MakePrivate(to);
        foreach (string directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
        {
            MakePrivate(Path.Combine(to, Path.GetRelativePath(from, directory)));
        }

        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            CopyFile(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }

        return to;
    }

    /// <summary>Copies one file, and makes the copy private.</summary>
    internal static string CopyFile(string from, string to)
    {
        Write(to, File.ReadAllBytes(from));
        return to;
    }

    /// <summary>Puts a private file in place, whatever lay there.</summary>
    internal static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(path, bytes);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, PrivateFile);
    }

    /// <summary>The SHA-256 of every file but the lock, by its path.</summary>
    internal static SortedDictionary<string, string> Digests(string root)
    {
        SortedDictionary<string, string> digests = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(root, file).Replace('\\', '/');
            if (Path.GetFileName(name) != "lock") digests[name] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
        }

        return digests;
    }

    /// <summary>Makes a private directory.</summary>
    internal static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            MakePrivateOnUnix(path);
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void MakePrivateOnUnix(string path) => TemporaryDirectory.MakePrivate(path);
}
