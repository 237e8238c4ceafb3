using System.Globalization;
using RonKms.Sealing;

namespace RonKms;

/// <summary>What the environment, or a configuration file, may say of a keystore: text, and never a secret.</summary>
/// <remarks>A value that is not allowed is refused with the name of the setting and what is allowed; nothing falls back to a default.</remarks>
public sealed class KeystoreSettings
{
    private const string MemoryPlace = "memory:";

    /// <summary><c>RON_KMS_STORE</c>: <c>memory:</c> (the default: keys vanish with the process) or <c>file:PATH</c>.</summary>
    public string? Store { get; set; }

    /// <summary><c>RON_KMS_CREATE</c>: 1 makes the store where there is none; 0 is the default.</summary>
    public string? Create { get; set; }

    /// <summary><c>RON_KMS_KEK_FILE</c>: the key file of a file store.</summary>
    public string? KekFile { get; set; }

    /// <summary><c>RON_KMS_PASSPHRASE_FILE</c>: the passphrase file of a file store, in place of a key file.</summary>
    public string? PassphraseFile { get; set; }

    /// <summary><c>RON_KMS_PQ_MODE</c>: <c>classical</c> (the default), <c>hybrid</c> or <c>pq</c>.</summary>
    public string? PqMode { get; set; }

    /// <summary><c>RON_KMS_AMNESIA</c>: 1 refuses every store that outlives the process; by default 1 for <c>memory:</c> and 0 otherwise.</summary>
    public string? Amnesia { get; set; }

    /// <summary><c>RON_KMS_ROTATE_DAYS</c>: a hint, 1 to 36,500; 30 by default.</summary>
    public string? RotateDays { get; set; }

    /// <summary><c>RON_KMS_METRICS</c>: 1 (the default), or 0 for none.</summary>
    public string? Metrics { get; set; }

    internal bool IsMemory => Store is null or MemoryPlace;

    internal bool MayCreate => Flag("RON_KMS_CREATE", Create) ?? false;

    /// <summary>Reads the environment variables <c>RON_KMS_*</c>. One that is empty counts as not set.</summary>
    /// <returns>The settings, unchecked.</returns>
    public static KeystoreSettings FromEnvironment()
    {
        return new KeystoreSettings
        {
            Store = Read("RON_KMS_STORE"),
            Create = Read("RON_KMS_CREATE"),
            KekFile = Read("RON_KMS_KEK_FILE"),
            PassphraseFile = Read("RON_KMS_PASSPHRASE_FILE"),
            PqMode = Read("RON_KMS_PQ_MODE"),
            Amnesia = Read("RON_KMS_AMNESIA"),
            RotateDays = Read("RON_KMS_ROTATE_DAYS"),
            Metrics = Read("RON_KMS_METRICS"),
        };

        static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">One is not allowed; the message says which, and what is.</exception>
    public void Check()
    {
        ApplyTo(new KeystoreOptions());
        _ = MayCreate;
        if (IsMemory)
        {
            Require(KekFile is null && PassphraseFile is null, "RON_KMS_KEK_FILE and RON_KMS_PASSPHRASE_FILE", "left out for a store in memory");
        }
        else
        {
            Require(Store!.StartsWith("file:", StringComparison.Ordinal) && Store.Length > "file:".Length, "RON_KMS_STORE", "memory: or file:PATH (pkcs11: needs the package RonKms.Pkcs11)");
            Require(KekFile is null != PassphraseFile is null, "RON_KMS_KEK_FILE and RON_KMS_PASSPHRASE_FILE", "set, one of the two, for a file store");
        }
    }

    internal void ApplyTo(KeystoreOptions options)
    {
        options.PqMode = PqMode switch
        {
            null => options.PqMode,
            "classical" => RonKms.PqMode.Classical,
            "hybrid" => RonKms.PqMode.Hybrid,
            "pq" => RonKms.PqMode.PostQuantum,
            _ => throw NotAllowed("RON_KMS_PQ_MODE", "classical, hybrid or pq"),
        };
        options.Metrics = Flag("RON_KMS_METRICS", Metrics) ?? options.Metrics;
        options.Amnesia = Flag("RON_KMS_AMNESIA", Amnesia) ?? options.Amnesia ?? IsMemory;
        int days = 30;
        Require(
            RotateDays is null || (int.TryParse(RotateDays, NumberStyles.None, CultureInfo.InvariantCulture, out days) && days is >= 1 and <= 36_500),
            "RON_KMS_ROTATE_DAYS",
            "1 to 36500");
        options.RotateEvery = RotateDays is null ? options.RotateEvery ?? TimeSpan.FromDays(days) : TimeSpan.FromDays(days);
        Require(options.Amnesia != true || IsMemory, "RON_KMS_AMNESIA", "0 for a store that outlives the process, or RON_KMS_STORE memory:");
    }

    internal KeyEncryptionKey OpenKek()
    {
        Check();
        return KekFile is not null ? KeyEncryptionKey.FromFile(KekFile) : KeyEncryptionKey.FromPassphraseFile(PassphraseFile!);
    }

    private static bool? Flag(string name, string? value) => value switch
    {
        null => null,
        "0" => false,
        "1" => true,
        _ => throw NotAllowed(name, "0 or 1"),
    };

    private static void Require(bool condition, string name, string allowed)
    {
        if (!condition)
        {
            throw NotAllowed(name, allowed);
        }
    }

    private static ArgumentException NotAllowed(string name, string allowed) => new($"{name} must be {allowed}.");
}
