namespace RonKms.Tests.Storage;

/// <summary>A private directory for one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ronkms-").FullName;

    public string this[params ReadOnlySpan<string> names] => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
