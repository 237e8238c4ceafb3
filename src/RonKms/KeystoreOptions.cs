using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Custody;

namespace RonKms;

/// <summary>What a keystore is opened with. Read once, when it is opened.</summary>
public sealed class KeystoreOptions
{
    /// <summary>Who waits longer for a store's lock waits for ever.</summary>
    internal static readonly TimeSpan MaxLockTimeout = TimeSpan.FromHours(1);

    /// <summary>A key that was destroyed longer ago must not be in use anywhere.</summary>
    internal static readonly TimeSpan LongestStaleness = TimeSpan.FromHours(1);

    /// <summary>The clock. It may be set back: a store's own idea of now is never earlier than its journal's last line.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where logs go; nowhere without one.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Where the meter <c>RonKms</c> comes from; without one, every keystore makes its own of that name.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Whether there are metrics.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>The algorithms that can be used.</summary>
    public AlgorithmCatalog Algorithms { get; set; } = AlgorithmCatalog.Classical;

    /// <summary>Where secrets act; in this process without one. The keystore takes ownership, also where it cannot be opened.</summary>
    public KeyBackend? Backend { get; set; }

    /// <summary>Kinds of places that name a device, for <see cref="KeystoreSettings.Store"/>. Other packages add theirs.</summary>
    public IList<IDevicePlaces> DevicePlaces { get; } = [];

    /// <summary>What keeps the store's head outside of it, so that a rollback is seen. None by default. A new store is made with it; one that is
    /// there is opened with the anchor it has: see <see cref="Keystore.AttachAnchor"/>. It stays the caller's, and may serve several stores.</summary>
    public IRollbackAnchor? Anchor { get; set; }

    /// <summary>What sees every operation and may stop it, in this order.</summary>
    public IList<IOperationGuard> Guards { get; } = [];

    /// <summary>Which algorithms <c>CreateSigningKey</c> and <c>CreateKemKey</c> choose, and whether classical ones are refused.</summary>
    public PqMode PqMode { get; set; }

    /// <summary>Whether nothing may outlive the process: refuses every store that would. By default as the store is.</summary>
    public bool? Amnesia { get; set; }

    /// <summary>How long keys of a store that ends with the process live unless they say otherwise; then they are destroyed. Without end by default.</summary>
    public TimeSpan? PurgeAfter { get; set; }

    /// <summary>How often the caller means to rotate. A hint for <see cref="KeyInfo.RotateAfter"/>; nothing here acts on it.</summary>
    public TimeSpan? RotateEvery { get; set; }

    /// <summary>How long to wait for another process to let go of the store, at most an hour; not at all by default.</summary>
    public TimeSpan LockTimeout { get; set; }

    /// <summary>How old what is told of a store may be that was opened by <see cref="Keystore.OpenReadOnly"/>, at most an hour; a second by default. What
    /// cannot be seen for longer gives <see cref="KmsError.StoreStale"/>. Zero looks at the store before every operation.</summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many keys are held ready for use at the most. Each takes 64 bytes of locked memory and more, by its algorithm.</summary>
    public int OpenedKeyLimit { get; set; } = 16_384;

    /// <summary>After how long without use a key that is held ready is wiped: between this and twice this. <see langword="null"/> for never.</summary>
    public TimeSpan? OpenedKeyIdleWipe { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Options to put settings on top of: the caller's own stay as they are, for the next keystore.</summary>
    internal KeystoreOptions Copy() => (KeystoreOptions)MemberwiseClone();

    /// <summary>A copy that is in order: what the caller changes later, or gives to another keystore, changes nothing of the one that is open.</summary>
    internal KeystoreOptions Checked()
    {
        KeystoreOptions copy = Copy();
        copy.Check();
        return copy;
    }

    private void Check()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Algorithms);
        Require(Guards.All(guard => guard is not null), nameof(Guards), "guards, none of them null");
        Require(DevicePlaces.All(places => places is not null), nameof(DevicePlaces), "places, none of them null");
        Require(PqMode is PqMode.Classical or PqMode.Hybrid or PqMode.PostQuantum, nameof(PqMode), "Classical, Hybrid or PostQuantum");
        Require(PurgeAfter is null || PurgeAfter > TimeSpan.Zero, nameof(PurgeAfter), "longer than zero");
        Require(RotateEvery is null || RotateEvery > TimeSpan.Zero, nameof(RotateEvery), "longer than zero");
        Require(LockTimeout >= TimeSpan.Zero && LockTimeout <= MaxLockTimeout, nameof(LockTimeout), "zero to one hour");
        Require(MaxStaleness >= TimeSpan.Zero && MaxStaleness <= LongestStaleness, nameof(MaxStaleness), "zero to one hour");
        Require(OpenedKeyLimit > 0, nameof(OpenedKeyLimit), "at least 1");
        Require(
            OpenedKeyIdleWipe is null || (OpenedKeyIdleWipe >= TimeSpan.FromMilliseconds(1) && OpenedKeyIdleWipe <= TimeSpan.FromDays(30)),
            nameof(OpenedKeyIdleWipe),
            "1 ms to 30 days");
        RequirePqAlgorithms();
    }

    // Asked for by name, unlike the classical mode, which a backend need not be able to fill.
    private void RequirePqAlgorithms()
    {
        if (PqMode == PqMode.Classical)
        {
            return;
        }

        KeyAlgorithm[] chosen = [PqModes.SigningAlgorithm(PqMode), PqModes.KemAlgorithm(PqMode)];
        KeyAlgorithm[] missing = [.. chosen.Where(algorithm => !(Backend?.Supports(algorithm) ?? Algorithms.TryFind(algorithm, out _)))];
        if (missing.Length > 0)
        {
            throw new KmsException(
                KmsError.AlgUnavailable,
                $"PqMode (RON_KMS_PQ_MODE) is {PqMode}, and nothing here provides {string.Join<KeyAlgorithm>(" and ", missing)}: "
                + "add the package RonKms.PostQuantum and call options.UsePostQuantum() before the keystore is opened, or choose another mode. Nothing was opened.");
        }
    }

    private static void Require(bool condition, string name, string allowed)
    {
        if (!condition)
        {
            throw new ArgumentException($"{nameof(KeystoreOptions)}.{name} must be {allowed}.");
        }
    }
}
