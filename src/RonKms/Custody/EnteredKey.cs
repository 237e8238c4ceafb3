using RonKms.Algorithms;

namespace RonKms.Custody;

/// <summary>An opened key while it is used: it is not wiped before this is disposed.</summary>
/// <typeparam name="T">What the key does.</typeparam>
internal readonly ref struct EnteredKey<T>
    where T : OpenedKey
{
    internal EnteredKey(T key)
    {
        Key = key;
    }

    internal T Key { get; }

    public void Dispose() => Key.Leave();
}
