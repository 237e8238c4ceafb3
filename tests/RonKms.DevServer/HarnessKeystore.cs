using RonKms.Capabilities;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.DevServer;

/// <summary>The keystore of one run: in memory, and gone with it. The container owns what <see cref="Open"/> gives.</summary>
internal sealed class HarnessKeystore(HarnessOptions options, TimeProvider time)
{
    internal static readonly TimeSpan RootLifetime = TimeSpan.FromDays(7);

    /// <summary>How many caveats a root has: what has more was made from one.</summary>
    internal const int RootCaveats = 3;

    private (Keystore Keystore, MemoryStore Store)? _opened;

    private (Keystore Keystore, MemoryStore Store) Opened => _opened ?? throw new InvalidOperationException("The keystore is opened when the harness starts.");

    internal Keystore Open(KeystoreOptions keystoreOptions)
    {
        keystoreOptions.Amnesia = true;
        keystoreOptions.PqMode = options.PqMode;
        MemoryStore store = new();
        Keystore keystore = Keystore.OpenOrCreate(store, KeyEncryptionKey.Ephemeral(), keystoreOptions.UsePostQuantum());
        _ = keystore.CreateCapabilityKey();
        _opened = (keystore, store);
        return keystore;
    }

    /// <summary>A capability for everything that a tenant can do here.</summary>
    internal Macaroon MintRoot(string tenant) => new CapabilityIssuer(Opened.Keystore, RootLifetime, time).Mint(
        CapabilityCaveat.ForTenant(tenant),
        CapabilityCaveat.ForScopes(CapabilityScopes.Read | CapabilityScopes.Sign | CapabilityScopes.Rotate | CapabilityScopes.Wrap),
        CapabilityCaveat.ExpiresAt(time.GetUtcNow() + RootLifetime));

    /// <summary>The journal's last line: its number and its SHA-256.</summary>
    internal (long Seq, string Hash) Head
    {
        get
        {
            KeystoreHealth health = Opened.Keystore.CheckHealth();
            return (health.HeadSeq, health.Head);
        }
    }

    internal byte[] ReadLine(long seq) => Opened.Store.ReadLine(seq);
}
