using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <summary>What the environment, or a configuration file, may say of a keystore: text, and never a secret.</summary>
/// <remarks>A value that is not allowed is refused with the name of the setting and what is allowed; nothing falls back to a default.
/// docs/configuration.md is the reference.</remarks>
public sealed partial class KeystoreSettings
{
    private const string Prefix = "RON_KMS_";
    private const string FileScheme = "file:";
    private const string TokenAnchor = "token";

    private static readonly (string Variable, string Name, Action<KeystoreSettings, string?> Set)[] s_known =
    [
        ("RON_KMS_STORE", nameof(Store), (settings, value) => settings.Store = value),
        ("RON_KMS_CREATE", nameof(Create), (settings, value) => settings.Create = value),
        ("RON_KMS_KEK_FILE", nameof(KekFile), (settings, value) => settings.KekFile = value),
        ("RON_KMS_PASSPHRASE_FILE", nameof(PassphraseFile), (settings, value) => settings.PassphraseFile = value),
        ("RON_KMS_KEK_MOUNTED", nameof(KekMounted), (settings, value) => settings.KekMounted = value),
        ("RON_KMS_LOCK_TIMEOUT", nameof(LockTimeout), (settings, value) => settings.LockTimeout = value),
        ("RON_KMS_READ_ONLY", nameof(ReadOnly), (settings, value) => settings.ReadOnly = value),
        ("RON_KMS_MAX_STALENESS", nameof(MaxStaleness), (settings, value) => settings.MaxStaleness = value),
        ("RON_KMS_ANCHOR", nameof(Anchor), (settings, value) => settings.Anchor = value),
        ("RON_KMS_PQ_MODE", nameof(PqMode), (settings, value) => settings.PqMode = value),
        ("RON_KMS_AMNESIA", nameof(Amnesia), (settings, value) => settings.Amnesia = value),
        ("RON_KMS_ROTATE_DAYS", nameof(RotateDays), (settings, value) => settings.RotateDays = value),
        ("RON_KMS_METRICS", nameof(Metrics), (settings, value) => settings.Metrics = value),
    ];

    /// <summary><c>RON_KMS_STORE</c>: <c>memory:</c> (the default: keys vanish with the process), <c>file:PATH</c>, or what
    /// <see cref="KeystoreOptions.DevicePlaces"/> knows.</summary>
    public string? Store { get; set; }

    /// <summary><c>RON_KMS_CREATE</c>: 1 makes the store where there is none; 0 is the default.</summary>
    public string? Create { get; set; }

    /// <summary><c>RON_KMS_KEK_FILE</c>: the key file of a file store.</summary>
    public string? KekFile { get; set; }

    /// <summary><c>RON_KMS_PASSPHRASE_FILE</c>: the passphrase file of a file store, in place of a key file.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary><c>RON_KMS_KEK_MOUNTED</c>: 1 lets the file of the key, the passphrase or a token's PIN be a symbolic link, root's, or
    /// readable by others, as container platforms mount secrets; writable by others never. 0 is the default.</summary>
    public string? KekMounted { get; set; }

    /// <summary><c>RON_KMS_LOCK_TIMEOUT</c>: how long to wait for another process to let go of the store, as <c>hh:mm:ss</c>,
    /// at most <c>01:00:00</c>; not at all by default.</summary>
    public string? LockTimeout { get; set; }

    /// <summary><c>RON_KMS_READ_ONLY</c>: 1 opens the store as <see cref="Keystore.OpenReadOnly"/> does, beside the process that writes to it; 0 is the
    /// default.</summary>
    public string? ReadOnly { get; set; }

    /// <summary><c>RON_KMS_MAX_STALENESS</c>: how old what a read-only keystore tells may be, as <c>hh:mm:ss</c>, at most <c>01:00:00</c>;
    /// <c>00:00:01</c> by default.</summary>
    public string? MaxStaleness { get; set; }

    /// <summary><c>RON_KMS_ANCHOR</c>: <c>file:PATH</c>, the directory of a <see cref="FileAnchor"/>, outside of the store; <c>token</c>, in the token that
    /// <see cref="Store"/> names; none by default.</summary>
    public string? Anchor { get; set; }

    /// <summary><c>RON_KMS_PQ_MODE</c>: <c>classical</c> (the default), <c>hybrid</c> or <c>pq</c>.</summary>
    public string? PqMode { get; set; }

    /// <summary><c>RON_KMS_AMNESIA</c>: 1 refuses every store that outlives the process; by default 1 for <c>memory:</c> and 0 otherwise.</summary>
    public string? Amnesia { get; set; }

    /// <summary><c>RON_KMS_ROTATE_DAYS</c>: a hint, 1 to 36,500; 30 by default.</summary>
    public string? RotateDays { get; set; }

    /// <summary><c>RON_KMS_METRICS</c>: 1 (the default), or 0 for none.</summary>
    public string? Metrics { get; set; }

    internal bool IsMemory => Store is null || StorePlace.IsVolatile(Store);

    internal bool MayCreate => Create == "1";

    internal bool IsKekMounted => KekMounted == "1";

    internal bool IsAnchoredInDevice => Anchor == TokenAnchor;

    internal bool IsReadOnly => ReadOnly == "1";

    /// <summary>Reads the environment variables <c>RON_KMS_*</c>. One that is empty counts as not set.</summary>
    /// <remarks>The variables by which Kubernetes links services are passed over: their names begin so where a service's does.</remarks>
    /// <returns>The settings, their values unchecked.</returns>
    /// <exception cref="ArgumentException">A variable of that prefix is not a setting.</exception>
    public static KeystoreSettings FromEnvironment()
    {
        StringComparer comparer = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        KeystoreSettings settings = new();
        List<string> unknown = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || variable.Value is not string { Length: > 0 } value)
            {
                continue;
            }

            if (s_known.FirstOrDefault(known => comparer.Equals(known.Variable, name)).Set is { } set)
            {
                set(settings, value);
            }
            else if (!ServiceLink().IsMatch(name))
            {
                unknown.Add(NotASetting(name, s_known.Select(known => known.Variable)));
            }
        }

        return unknown.Count == 0 ? settings : throw new ArgumentException(string.Join('\n', unknown.Order().Concat(settings.Apply(new(), hasDevices: false))));
    }

    /// <summary>Sets one by its name, as a configuration file does.</summary>
    /// <param name="name">The name of a property, such as <c>KekFile</c>, in any letter case.</param>
    /// <param name="value">The value, unchecked.</param>
    /// <exception cref="ArgumentException">There is no such setting; the message begins with the name.</exception>
    public void Set(string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        Action<KeystoreSettings, string?>? set = s_known.FirstOrDefault(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Set;
        if (set is null)
        {
            throw new ArgumentException(NotASetting(name, s_known.Select(known => known.Name)));
        }

        set(this, value);
    }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">Some are not allowed; the message says which, one a line, and what is.</exception>
    /// <remarks>What only the package of a device can tell of a place that names one is checked when that is opened.</remarks>
    public void Check() => Refuse(Apply(new KeystoreOptions(), hasDevices: false));

    /// <summary>Puts the settings on top of options.</summary>
    /// <exception cref="ArgumentException">As <see cref="Check"/>; the options are then of no use.</exception>
    internal void ApplyTo(KeystoreOptions options) => Refuse(Apply(options, hasDevices: true));

    internal KeyEncryptionKey OpenKek() => KekFile is not null
        ? KeyEncryptionKey.FromFile(KekFile, IsKekMounted)
        : KeyEncryptionKey.FromPassphraseFile(PassphraseFile!, IsKekMounted);

    private static string NotASetting(string name, IEnumerable<string> known) =>
        $"{name} is not a setting; the nearest is {Spelling.Nearest(name, known)}. "
        + $"There are {string.Join(", ", known)}; secrets are never values, only names of files.";

    private static void Refuse(List<string> refused)
    {
        if (refused.Count > 0)
        {
            throw new ArgumentException(string.Join('\n', refused));
        }
    }

    private List<string> Apply(KeystoreOptions options, bool hasDevices)
    {
        List<string> refused = [];
        bool isDevice = Store is not null && StorePlace.IsDevice(Store);
        IDevicePlaces? device = Store is null ? null : StorePlace.DeviceOf(Store, options.DevicePlaces);
        string? fault = Store is null || (isDevice && !hasDevices) ? null : device is not null ? device.Fault(Store) : StorePlace.Fault(Store);
        Require(fault is null, "RON_KMS_STORE", fault);
        if (isDevice)
        {
            Require(KekFile is null && PassphraseFile is null, "RON_KMS_KEK_FILE and RON_KMS_PASSPHRASE_FILE", "left out for a store whose key is wrapped in a token");
        }
        else if (IsMemory)
        {
            Require(KekFile is null && PassphraseFile is null, "RON_KMS_KEK_FILE and RON_KMS_PASSPHRASE_FILE", "left out for a store in memory");
        }
        else if (fault is null)
        {
            Require(KekFile is null != PassphraseFile is null, "RON_KMS_KEK_FILE and RON_KMS_PASSPHRASE_FILE", "set, one of the two, for a file store");
        }

        Require(KekFile?.StartsWith('~') != true, "RON_KMS_KEK_FILE", StorePlace.WrittenOut);
        Require(PassphraseFile?.StartsWith('~') != true, "RON_KMS_PASSPHRASE_FILE", StorePlace.WrittenOut);
        Require(Anchor is null || !IsMemory, "RON_KMS_ANCHOR", "left out for a store in memory");
        if (Anchor is not null
            && !(isDevice && IsAnchoredInDevice)
            && Require(
                Anchor.StartsWith(FileScheme, StringComparison.Ordinal) && Anchor.Length > FileScheme.Length,
                "RON_KMS_ANCHOR",
                "file:PATH, or token where RON_KMS_STORE names one")
            && Require(Anchor[FileScheme.Length] != '~', "RON_KMS_ANCHOR", "file: and " + StorePlace.WrittenOut))
        {
            options.Anchor = new FileAnchor(Anchor[FileScheme.Length..]);
        }

        _ = Flag("RON_KMS_CREATE", Create);
        _ = Flag("RON_KMS_READ_ONLY", ReadOnly);
        Require(!IsReadOnly || !MayCreate, "RON_KMS_READ_ONLY", "0 where RON_KMS_CREATE is 1: a store that is only read is not made");
        Require(!IsReadOnly || !IsMemory, "RON_KMS_READ_ONLY", "0 for a store in memory, which has no other process to follow");
        _ = Flag("RON_KMS_KEK_MOUNTED", KekMounted);
        options.Metrics = Flag("RON_KMS_METRICS", Metrics) ?? options.Metrics;
        options.Amnesia = Flag("RON_KMS_AMNESIA", Amnesia) ?? options.Amnesia ?? IsMemory;
        Require(options.Amnesia != true || IsMemory, "RON_KMS_AMNESIA", "0 for a store that outlives the process, or RON_KMS_STORE memory:");

        RonKms.PqMode? mode = PqMode switch
        {
            null => options.PqMode,
            "classical" => RonKms.PqMode.Classical,
            "hybrid" => RonKms.PqMode.Hybrid,
            "pq" => RonKms.PqMode.PostQuantum,
            _ => null,
        };
        if (Require(mode is not null, "RON_KMS_PQ_MODE", "classical, hybrid or pq, in lower case")
            && Require(
                mode != RonKms.PqMode.Classical || options.PqMode == RonKms.PqMode.Classical,
                "RON_KMS_PQ_MODE",
                $"hybrid, pq or left out: the application asks for {options.PqMode}, which a setting does not lower"))
        {
            options.PqMode = mode!.Value;
        }

        int days = 0;
        if (RotateDays is not null
            && Require(
                int.TryParse(RotateDays, NumberStyles.None, CultureInfo.InvariantCulture, out days) && days is >= 1 and <= 36_500,
                "RON_KMS_ROTATE_DAYS",
                "1 to 36500"))
        {
            options.RotateEvery = TimeSpan.FromDays(days);
        }

        options.LockTimeout = Time("RON_KMS_LOCK_TIMEOUT", LockTimeout, KeystoreOptions.MaxLockTimeout) ?? options.LockTimeout;
        options.MaxStaleness = Time("RON_KMS_MAX_STALENESS", MaxStaleness, KeystoreOptions.LongestStaleness) ?? options.MaxStaleness;
        options.RotateEvery ??= TimeSpan.FromDays(30);
        return refused;

        bool? Flag(string name, string? value)
        {
            Require(value is null or "0" or "1", name, "0 or 1");
            return value is null ? null : value == "1";
        }

        // Not TimeSpan's own forms: there "30" is thirty days and "00:30" half an hour.
        TimeSpan? Time(string name, string? value, TimeSpan longest)
        {
            TimeSpan time = default;
            return value is not null
                && Require(
                    TimeSpan.TryParseExact(value, @"hh\:mm\:ss", CultureInfo.InvariantCulture, out time) && time <= longest,
                    name,
                    $"hours:minutes:seconds, two digits each, such as 00:00:30, and at most {longest:c}")
                ? time
                : null;
        }

        bool Require(bool condition, string name, string? allowed)
        {
            if (!condition)
            {
                refused.Add($"{name} must be {allowed}.");
            }

            return condition;
        }
    }

    // Of a service ron-kms-x: RON_KMS_X_SERVICE_HOST, RON_KMS_X_SERVICE_PORT_HTTP, RON_KMS_X_PORT, RON_KMS_X_PORT_80_TCP_ADDR.
    [GeneratedRegex("^RON_KMS_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$")]
    private static partial Regex ServiceLink();
}
