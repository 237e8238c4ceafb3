using System.Collections.Concurrent;
using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Diagnostics;
using RonKms.Sealing;

namespace RonKms.Custody;

/// <summary>Holds opened keys ready, a bounded number of them, and wipes those that nobody uses. Using one takes no lock.</summary>
internal sealed class OpenedKeys : IDisposable
{
    private readonly RecordReader _records;
    private readonly Sealer _sealer;
    private readonly KeyBackend _backend;
    private readonly KmsTelemetry _telemetry;
    private readonly int _limit;

    // Every version that holds an opened key stands here at least once, oldest first; use gives it another round.
    private readonly ConcurrentQueue<KeyVersion> _held = new();
    private readonly ITimer? _sweeper;
    private volatile bool _disposed;

    internal OpenedKeys(
        RecordReader records, Sealer sealer, KeyBackend backend, KmsTelemetry telemetry, int limit, TimeSpan? idleWipe, TimeProvider time)
    {
        _records = records;
        _sealer = sealer;
        _backend = backend;
        _telemetry = telemetry;
        _limit = limit;
        if (idleWipe is { } period)
        {
            _sweeper = time.CreateTimer(static state => ((OpenedKeys)state!).SweepIdle(), this, period, period);
        }
    }

    /// <summary>Enters a version's opened key, which the caller leaves after use.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.AlgUnavailable"/>.</exception>
    internal T Enter<T>(KeyVersion version)
        where T : OpenedKey
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Keystore));
            OpenedKey opened = version.Opened ?? Hold(version);
            if (opened.TryEnter())
            {
                version.MarkUsed();
                return (T)opened;
            }
        }
    }

    /// <summary>Wipes what is held of a version.</summary>
    internal static void Wipe(KeyVersion version) => version.TakeOpened()?.Dispose();

    public void Dispose()
    {
        _disposed = true;
        _sweeper?.Dispose();
        while (_held.TryDequeue(out KeyVersion? version))
        {
            Wipe(version);
        }

        _backend.Dispose();
    }

    private OpenedKey Hold(KeyVersion version)
    {
        OpenedKey opened = Unseal(version);
        if (!version.TryHold(opened))
        {
            // Another thread was first; should its key be wiped meanwhile, the caller comes again.
            opened.Dispose();
            return version.Opened ?? opened;
        }

        _held.Enqueue(version);
        if (_disposed || version.State != KeyState.Enabled)
        {
            Wipe(version);
        }

        // Each turn either wipes a key or takes its mark, so two rounds are enough.
        for (int turns = 2 * _limit; _held.Count > _limit && turns > 0 && _held.TryDequeue(out KeyVersion? oldest); turns--)
        {
            KeepOrWipe(oldest);
        }

        return opened;
    }

    private OpenedKey Unseal(KeyVersion version)
    {
        byte[] record = _records.Read(version);
        using SecretBytes? plaintext = _sealer.Open(record, version.Id);
        if (plaintext is null
            || !RecordBody.TryDecode(plaintext.Reveal(), version.Id, out RecordBody body)
            || !RonkCodec.TryDecode(record, out RonkHeader header)
            || header.NotAfterMs != version.NotAfterMs
            || (version.PublicKeyDigest is { } digest && Digest.Of(header.PublicKey) != digest)
            || _backend.Open(body, header.PublicKey) is not { } opened)
        {
            throw RecordReader.Damaged(version.Id);
        }

        _telemetry.Count(KmsOperationKind.Unseal, version.Id.Algorithm);
        return opened;
    }

    private void SweepIdle()
    {
        for (int left = _held.Count; left > 0 && _held.TryDequeue(out KeyVersion? version); left--)
        {
            KeepOrWipe(version);
        }
    }

    private void KeepOrWipe(KeyVersion version)
    {
        if (version.TakeUsedMark() && version.Opened is not null && !_disposed)
        {
            _held.Enqueue(version);
        }
        else
        {
            Wipe(version);
        }
    }
}
