using RonKms.Custody;

namespace RonKms;

/// <summary>The keystore: keeps keys in a sealed store and uses them for its caller. Thread-safe.</summary>
public sealed partial class Keystore : IKeystore
{
    private readonly KeystoreCore _core;
    private readonly bool _ownsCore;
    private readonly string? _caller;
    private readonly string? _correlationId;

    private Keystore(KeystoreCore core)
    {
        _core = core;
        _ownsCore = true;
    }

    private Keystore(KeystoreCore core, string caller, string? correlationId)
    {
        _core = core;
        _caller = caller;
        _correlationId = correlationId;
    }

    /// <summary>What sees a rollback of the store: <c>chain-only</c> (nothing outside of it does), or <c>anchored:…</c>.</summary>
    public string Assurance => _core.Assurance;

    /// <summary>How the keystore is. Costs no I/O.</summary>
    /// <returns>Its health.</returns>
    public KeystoreHealth CheckHealth()
    {
        _core.RequireOpen();
        JournalHead head = _core.Journal.Head;
        return new KeystoreHealth(
            _core.Store.Location,
            Assurance,
            _core.Journal.Directory.Count,
            head.Seq,
            head.Digest.ToString(),
            _core.Follower is null && _core.Journal.IsWritable,
            Memory.SecretHeap.Shared.UnlockedBytes)
        {
            LastLook = _core.Follower?.Age,
        };
    }

    /// <inheritdoc/>
    public IKeystore ForCaller(string caller, string? correlationId = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(caller);
        if (!_ownsCore)
        {
            throw new InvalidOperationException("This is a caller's view already, and who uses it cannot become somebody else. Ask the keystore itself.");
        }

        return new Keystore(_core, caller, correlationId);
    }

    /// <inheritdoc/>
    public void Refresh()
    {
        _core.RequireOpen();
        _core.Refresh();
    }

    /// <summary>Wipes everything that is held and closes the store. Does nothing on a view that <see cref="ForCaller"/> gave.</summary>
    public void Dispose()
    {
        if (_ownsCore)
        {
            _core.Dispose();
        }
    }

    private OperationScope Begin(KmsOperationKind kind, KeyId key)
    {
        _core.RequireOpen();
        OperationScope scope = new(_core.Watch, kind, key, _caller, _correlationId);
        if (_core.Follower is not null)
        {
            RequireFresh(ref scope);
        }

        return scope;
    }

    /// <summary>For an operation that fails here, too, its failure is counted.</summary>
    private void RequireFresh(ref OperationScope scope)
    {
        try
        {
            _core.RequireFresh();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }
    }

    /// <summary>Finds a version that the general operations may use, refusing the library's own keys.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="ownPurpose">The one reserved purpose that an operation of the library's own is for.</param>
    private (KeyEntry Entry, KeyVersion Version) Resolve(KeyId key, string? ownPurpose = null)
    {
        (KeyEntry entry, KeyVersion version) = KeyRules.Resolve(_core.Journal.Directory, key);
        return entry.Id.IsReserved && entry.Id.Purpose != ownPurpose
            ? throw new KmsException(KmsError.Denied, $"{version.Id} is one of the library's own keys, which serve their own purpose alone.")
            : (entry, version);
    }

    /// <summary>Asks the guards. They may take their time: what a follower answers after them is not too old either.</summary>
    private void Enter(KeyId version, ref OperationScope scope)
    {
        scope.Enter(version);
        if (_core.Watch.Guards.Length > 0)
        {
            _core.Follower?.RequireFresh();
        }
    }

    /// <summary>Finds a version that may sign, compute codes, wrap or be encapsulated to, and asks the guards.</summary>
    private KeyVersion EnterCurrent(KeyId key, ref OperationScope scope, string? ownPurpose = null)
    {
        (KeyEntry entry, KeyVersion version) = Resolve(key, ownPurpose);
        KeyRules.RequireCurrent(entry, version, key.IsLatest, _core.Journal);
        PqModes.RequireAllowed(_core.Options.PqMode, version.Id.Algorithm);
        Enter(version.Id, ref scope);

        // Guards may take their time: what was allowed when they were asked may no longer be.
        KeyRules.RequireCurrent(entry, version, key.IsLatest, _core.Journal);
        return version;
    }

    /// <summary>Finds a version that may decrypt, decapsulate or verify codes, and asks the guards.</summary>
    private KeyVersion EnterReadable(KeyId key, ref OperationScope scope, string? ownPurpose = null)
    {
        (KeyEntry entry, KeyVersion version) = Resolve(key, ownPurpose);
        KeyRules.RequireReadable(entry, version, _core.Journal);
        Enter(version.Id, ref scope);
        KeyRules.RequireReadable(entry, version, _core.Journal);
        return version;
    }

    private T Implementation<T>(KeyId key, string does)
        where T : Algorithms.Algorithm
    {
        ArgumentNullException.ThrowIfNull(key);
        return _core.Options.Algorithms.Find(key.Algorithm) as T ?? throw new ArgumentException($"Keys of {key.Algorithm} do not {does}.", nameof(key));
    }

    private static void RequireConcrete(KeyId key, string instead)
    {
        if (key.IsLatest)
        {
            throw new ArgumentException($"#latest is not taken here: {instead}.", nameof(key));
        }
    }

    private static void RequireRoom(int has, int needs, string name)
    {
        if (has < needs)
        {
            throw new ArgumentException($"The buffer is too small: {needs} bytes are needed.", name);
        }
    }
}
