namespace RonKms.Tests.Storage;

/// <summary>File operations that write down what changes the disk, and in which order.</summary>
/// <param name="root">What paths are written from.</param>
/// <param name="also">What else is written down.</param>
internal sealed class RecordedFiles(string root, string also = "") : InterceptedFiles
{
    private static readonly string[] Changing = ["create", "write", "truncate", "sync", "sync data", "sync directory", "rename", "unlink", "mkdir", "rmdir"];

    internal List<string> Log { get; } = [];

    protected override void Intercept(string name, string path, Action operation, Action? half)
    {
        operation();
        if (Changing.Contains(name) || name == also) Log.Add($"{name} {Path.GetRelativePath(root, path)}");
    }
}
