namespace RonKms.PostQuantum.Tests.Keystores;

/// <summary>A private directory that is gone after the test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("ronkms-pq-").FullName;

    /// <summary>Its path.</summary>
    internal string FullName => _path;

    /// <summary>The place of a file store inside it.</summary>
    internal string Store => $"file:{Path.Combine(_path, "store")}";

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
