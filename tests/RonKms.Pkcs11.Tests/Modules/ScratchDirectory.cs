namespace RonKms.Pkcs11.Tests.Modules;

/// <summary>A private directory that is gone after the test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("ronkms-p11-").FullName;

    internal string this[string name] => Path.Combine(_path, name);

    /// <summary>The place of a file store inside it.</summary>
    internal string Store => $"file:{this["store"]}";

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
