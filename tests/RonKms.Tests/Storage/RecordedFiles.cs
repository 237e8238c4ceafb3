namespace RonKms.Tests.Storage;

/// <summary>File operations that write down what changes the disk, and in which order.</summary>
internal sealed class RecordedFiles(string root) : InterceptedFiles
{
    private static readonly string[] Changing = ["create", "write", "truncate", "sync", "sync data", "sync directory", "rename", "unlink", "mkdir", "rmdir"];

    internal List<string> Log { get; } = [];

    protected override void Intercept(string name, string path, Action operation, Action? half)
    {
        operation();
        if (Changing.Contains(name)) Log.Add($"{name} {Path.GetRelativePath(root, path)}");
    }
}
