using RonKms.Backends;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Says where each key acts: in the backend's device, or in this process.</summary>
internal sealed class KeyOrigins(RecordReader records, Sealer sealer, KeyBackend backend)
{
    /// <summary>What is said of a version whose record is gone or damaged, and which nobody used before.</summary>
    internal const string Unknown = "unknown";

    private const string Software = "software";

    /// <summary>The name of where a version acts. Reads the store once a version where the backend has a device.</summary>
    internal string NameOf(KeyVersion version) =>
        !backend.KeepsHandles ? backend.Name
        : (version.RecordKind ??= Read(version)) switch
        {
            RecordKind.Handle => backend.Name,
            RecordKind.Secret => Software,
            _ => Unknown,
        };

    /// <summary>What the device says of a version that acts there; nothing of others.</summary>
    /// <exception cref="KmsException">As <see cref="KeyBackend.Attest"/>.</exception>
    internal IReadOnlyList<KeyValuePair<string, string>> Attest(KeyVersion version)
    {
        if (version.State == KeyState.Destroyed || NameOf(version) is Software or Unknown || !backend.KeepsHandles)
        {
            return [];
        }

        (byte[] record, SecretBytes? unsealed) = records.Unseal(version, sealer, alsoDisabled: true);
        using SecretBytes? plaintext = unsealed;
        return backend.Attest(RecordReader.RequireOwn(version, record, plaintext, out _));
    }

    private RecordKind? Read(KeyVersion version)
    {
        try
        {
            (byte[] record, SecretBytes? unsealed) = records.Unseal(version, sealer, alsoDisabled: true);
            using SecretBytes? plaintext = unsealed;
            return RecordReader.RequireOwn(version, record, plaintext, out _).Kind;
        }
        catch (KmsException e) when (e.Error is KmsError.SealedCorrupt or KmsError.KeyDestroyed)
        {
            return null;
        }
    }
}
