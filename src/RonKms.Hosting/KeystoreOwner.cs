namespace RonKms.Hosting;

/// <summary>Owns the container's keystore.</summary>
/// <remarks>
/// A container disposes in the reverse order of making. This is made before anything that gets the keystore, so the keystore is
/// closed after all of that; were the keystore itself registered under several interfaces, the last of them asked for would close it for all.
/// </remarks>
internal sealed class KeystoreOwner(Keystore keystore) : IDisposable
{
    internal Keystore Keystore { get; } = keystore;

    public void Dispose() => Keystore.Dispose();
}
