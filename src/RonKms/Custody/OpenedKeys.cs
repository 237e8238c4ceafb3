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

    /// <summary>Enters a version's opened key, which the caller leaves by disposing what this gives.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.AlgUnavailable"/>.</exception>
    internal EnteredKey<T> Enter<T>(KeyVersion version)
        where T : OpenedKey
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(Keystore));
            OpenedKey? opened = version.Opened;
            if (opened is null)
            {
                opened = Open(version);
            }
            else if (!opened.TryEnter())
            {
                // It was given up this moment.
                continue;
            }

            if (opened is not T entered)
            {
                opened.Leave();
                Wipe(version);
                throw new KmsException(KmsError.Internal, $"The backend {_backend.Name} opened {version.Id} as a {opened.GetType().Name}. Report it to its makers.");
            }

            version.MarkUsed();
            return new EnteredKey<T>(entered);
        }
    }

    /// <summary>Wipes what is held of a version.</summary>
    internal static void Wipe(KeyVersion version) => version.TakeOpened()?.Dispose();

    public void Dispose()
    {
        _disposed = true;

        // Seen before the queue is emptied: who puts a version back asks afterwards.
        Interlocked.MemoryBarrier();
        _sweeper?.Dispose();
        while (_held.TryDequeue(out KeyVersion? version))
        {
            Wipe(version);
        }

        _backend.Dispose();
    }

    /// <summary>Opens a version, enters it and holds it ready. It serves the use that it was opened for even where it cannot be held any more.</summary>
    private OpenedKey Open(KeyVersion version)
    {
        OpenedKey opened = Unseal(version);

        // Nobody else has it yet, so that this cannot fail.
        _ = opened.TryEnter();
        if (!version.TryHold(opened))
        {
            // Another thread was first.
            opened.Dispose();
            return opened;
        }

        _held.Enqueue(version);
        if (_disposed || !version.MayBeHeld)
        {
            Wipe(version);
        }

        // Use gives another round, but only one: after it the oldest go even where they are used all the time.
        for (int turn = 0, round = _held.Count; _held.Count > _limit && _held.TryDequeue(out KeyVersion? oldest); turn++)
        {
            if (turn < round)
            {
                KeepOrWipe(oldest);
            }
            else
            {
                Wipe(oldest);
            }
        }

        return opened;
    }

    private OpenedKey Unseal(KeyVersion version)
    {
        // Guards may take their time: what was allowed when they were asked may no longer be.
        KeyRules.RequireEnabled(version);
        (byte[] record, SecretBytes? unsealed) = ReadRecord(version);
        using SecretBytes? plaintext = unsealed;
        RecordBody body = RecordReader.RequireOwn(version, record, plaintext, out RonkHeader header);
        version.RecordKind = body.Kind;
        OpenedKey opened = _backend.Open(body, header.PublicKey) ?? throw RecordReader.Damaged(version.Id);
        _telemetry.Count(KmsOperationKind.Unseal, version.Id.Algorithm);
        return opened;
    }

    private (byte[] Record, SecretBytes? Plaintext) ReadRecord(KeyVersion version)
    {
        try
        {
            return _records.Unseal(version, _sealer);
        }
        catch (KmsException) when (version.State == KeyState.Destroyed)
        {
            throw KeyRules.Destroyed(version.Id);
        }
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
        bool keep = version.TakeUsedMark() && version.Opened is not null;
        if (keep)
        {
            _held.Enqueue(version);
        }

        // Asked once it is in the queue, which disposal empties once.
        if (!keep || _disposed)
        {
            Wipe(version);
        }
    }
}
