using System.Security.Cryptography;

namespace RonKms.Fuzz.Engine;

/// <summary>Where inputs are kept, each in a file with the beginning of its digest for a name.</summary>
/// <param name="root">The repository.</param>
internal sealed class FuzzPlaces(string root)
{
    /// <summary>Inputs that are part of the repository.</summary>
    internal string Corpus(FuzzTarget target) => Path.Combine(root, "fuzz", "corpus", target.Name);

    /// <summary>Inputs that runs on this machine found.</summary>
    internal string Found(FuzzTarget target) => Path.Combine(root, "artifacts", "fuzz", target.Name);

    /// <summary>Inputs that something went wrong with.</summary>
    internal string Crashes(FuzzTarget target) => Path.Combine(root, "fuzz", "crashes", target.Name);

    /// <summary>The inputs in directories, where there are any, smallest first.</summary>
    internal static byte[][] Read(params ReadOnlySpan<string> directories)
    {
        List<byte[]> inputs = [];
        foreach (string directory in directories)
        {
            if (Directory.Exists(directory))
            {
                inputs.AddRange(Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
            }
        }

        return [.. inputs.OrderBy(input => input.Length)];
    }

    /// <summary>Keeps an input.</summary>
    /// <returns>The path of its file.</returns>
    internal static string Write(string directory, byte[] input)
    {
        Directory.CreateDirectory(directory);
        string path = Path.Combine(directory, NameOf(input));
        File.WriteAllBytes(path, input);
        return path;
    }

    internal static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..16];
}
