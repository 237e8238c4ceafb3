using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <content>Envelopes.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public byte[] Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData = default)
    {
        byte[] envelope = GC.AllocateUninitializedArray<byte>(checked(plaintext.Length + Envelope.Overhead));
        Wrap(key, plaintext, associatedData, envelope);
        return envelope;
    }

    /// <inheritdoc/>
    public int Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> destination)
    {
        _ = Implementation<AeadAlgorithm>(key, "wrap");
        int size = checked(plaintext.Length + Envelope.Overhead);
        RequireRoom(destination.Length, size, nameof(destination));
        if (plaintext.Overlaps(destination) || associatedData.Overlaps(destination))
        {
            throw new ArgumentException("The destination overlaps the plaintext or the associated data.", nameof(destination));
        }

        OperationScope scope = Begin(KmsOperationKind.Wrap, key);
        try
        {
            KeyVersion version = EnterCurrent(key, ref scope);
            Seal(version, plaintext, associatedData, destination[..size]);
            scope.Leave();
        }
        catch (Exception e)
        {
            destination.Clear();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    /// <inheritdoc/>
    public SecretBytes Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData = default)
    {
        _ = Implementation<AeadAlgorithm>(key, "unwrap");
        SecretBytes? plaintext = null;
        OperationScope scope = Begin(KmsOperationKind.Unwrap, key);
        try
        {
            KeyVersion version = EnterReadable(NamedBy(envelope, key), ref scope);

            // Locked memory is scarce and the envelope is anybody's: none is taken before the key, its state and the guards have allowed it.
            plaintext = SecretBytes.Allocate(Envelope.PlaintextSize(envelope));
            Unseal(version, envelope, associatedData, plaintext.Reveal());
            scope.Leave();
        }
        catch (Exception e)
        {
            plaintext?.Dispose();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return plaintext;
    }

    /// <inheritdoc/>
    public int Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> destination)
    {
        _ = Implementation<AeadAlgorithm>(key, "unwrap");
        int size = Envelope.PlaintextSize(envelope);
        RequireRoom(destination.Length, size, nameof(destination));
        if (envelope.Overlaps(destination))
        {
            throw new ArgumentException("The destination overlaps the envelope.", nameof(destination));
        }

        OperationScope scope = Begin(KmsOperationKind.Unwrap, key);
        try
        {
            KeyVersion version = EnterReadable(NamedBy(envelope, key), ref scope);
            Unseal(version, envelope, associatedData, destination[..size]);
            scope.Leave();
        }
        catch (Exception e)
        {
            CryptographicOperations.ZeroMemory(destination);
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    /// <inheritdoc/>
    public byte[] Rewrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        using SecretBytes plaintext = Unwrap(key, envelope, associatedData);
        return Wrap(key.Latest, plaintext.Reveal(), associatedData);
    }

    /// <summary>The version that an envelope names, which must be one of the key asked for.</summary>
    private KeyId NamedBy(ReadOnlySpan<byte> envelope, KeyId key)
    {
        KeyEntry entry = Resolve(key.Latest).Entry;
        return Envelope.TryReadHeader(envelope, out Guid uuid, out uint number) && uuid == entry.Id.Uuid && entry.Find(number) is { } named
            ? named.Id
            : throw Envelope.Refused(key);
    }

    private void Seal(KeyVersion version, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> envelope)
    {
        using (EnteredKey<AeadKey> opened = _core.Opened.Enter<AeadKey>(version))
        {
            Envelope.Seal(opened.Key, version.Id, plaintext, associatedData, envelope);
        }
    }

    private void Unseal(KeyVersion version, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> plaintext)
    {
        using (EnteredKey<AeadKey> opened = _core.Opened.Enter<AeadKey>(version))
        {
            if (!Envelope.TryOpen(opened.Key, envelope, associatedData, plaintext))
            {
                throw Envelope.Refused(version.Id);
            }
        }
    }
}
