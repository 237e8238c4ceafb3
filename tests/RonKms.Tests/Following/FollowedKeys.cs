using RonKms.Custody;
using RonKms.Sealing;
using RonKms.Testing;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Following;

/// <summary>A store in a directory with its writer, and what opens followers beside it.</summary>
internal sealed class FollowedKeys : IDisposable
{
    internal static readonly byte[] First = [.. Enumerable.Repeat((byte)1, 32)];
    internal static readonly byte[] Second = [.. Enumerable.Repeat((byte)2, 32)];

    private readonly TemporaryDirectory _directory = TemporaryDirectory.InMemory();

    internal FollowedKeys() => Writer = OpenWriter();

    internal ManualTimeProvider Time { get; } = new();

    internal Keystore Writer { get; private set; }

    internal string Root => _directory["store"];

    internal string Place => "file:" + Root;

    internal string Journal(int generation = 1) => Path.Combine(Root, $"g{generation}", "journal.jsonl");

    internal string Outside(string name) => _directory[name];

    internal Keystore Follow(TimeSpan? maxStaleness = null, byte[]? kek = null, IRollbackAnchor? anchor = null) => Keystore.OpenReadOnly(
        Place,
        KeyEncryptionKey.FromBytes(kek ?? First),
        new KeystoreOptions { TimeProvider = Time, MaxStaleness = maxStaleness ?? TimeSpan.Zero, Anchor = anchor, Metrics = false });

    internal void Reopen(byte[]? kek = null)
    {
        Writer.Dispose();
        Writer = OpenWriter(kek);
    }

    public void Dispose()
    {
        Writer.Dispose();
        _directory.Dispose();
    }

    private Keystore OpenWriter(byte[]? kek = null) =>
        Keystore.OpenOrCreate(Place, KeyEncryptionKey.FromBytes(kek ?? First), new KeystoreOptions { TimeProvider = Time, Metrics = false });
}
