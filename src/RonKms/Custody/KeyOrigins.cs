using RonKms.Backends;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Says where each key acts: in the backend's device, or in this process.</summary>
internal sealed class KeyOrigins(RecordReader records, Sealer sealer, KeyBackend backend)
{
    /// <summary>What is said of a version whose record is gone or damaged, and which nobody used before, or that is in a device of another backend.</summary>
    internal const string Unknown = "unknown";

    private const string Software = "software";

    /// <summary>The name of where a version acts. Reads the store once a version. A handle of a device that the backend does not reach says no more
    /// than that it is not here.</summary>
    /// <param name="version">The version.</param>
    /// <param name="isListed">Whether it is one of many: then nothing is read for a backend without a device.</param>
    internal string NameOf(KeyVersion version, bool isListed = false)
    {
        if (backend.KeepsHandles)
        {
            return KindOf(version) switch
            {
                RecordKind.Handle => backend.Name,
                RecordKind.Secret => Software,
                _ => Unknown,
            };
        }

        RecordKind? kind = isListed || version.State == KeyState.Destroyed ? version.RecordKind : KindOf(version);
        return kind == RecordKind.Handle ? Unknown : backend.Name;
    }

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
        RecordBody body = RecordReader.RequireOwn(version, record, plaintext, out RonkHeader header);
        return backend.Attest(body, header.PublicKey);
    }

    private RecordKind? KindOf(KeyVersion version) => version.RecordKind ??= Read(version);

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
