using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Changes an open store as a whole: its key-encryption key, its store key, the length of its journal.</summary>
/// <remarks>Each holds the writer's turn to its end; readers go on. Source: docs/formats/ronk-v1.md, section 2.</remarks>
internal sealed class StoreMaintenance(
    CustodyJournal journal, ISealedStore store, RecordReader records, Sealer sealer, KeyBackend backend, GenerationGate gate, Action requireOpen)
{
    // Held by whoever needs the generation to stay, or changes it; taken before the writer's turn.
    private readonly Lock _generation = new();

    /// <summary>Wraps the store's key under another key-encryption key.</summary>
    internal void ChangeKek(KeyEncryptionKey next) => Alone(() =>
    {
        byte[] description = StoreDescription.Write(journal.StoreKey, journal.Generation, next);
        journal.Change(() => store.WriteNextDescription(description));
        journal.AppendRewrap(Digest.Of(description));
        journal.Change(store.InstallNextDescription);
    });

    /// <summary>Seals every record under a new store key, which is wrapped under a key-encryption key.</summary>
    internal void Reseal(KeyEncryptionKey kek, IProgress<MaintenanceProgress>? progress, CancellationToken cancellation) => Alone(() =>
    {
        StoreKey earlier = journal.StoreKey;
        StoreKey next = StoreKey.Generate(earlier.StoreId);
        try
        {
            Sealer nextSealer = new(next);
            Rebuild(
                GenerationReason.Reseal,
                next,
                generation => StoreDescription.Write(next, generation, kek),
                (version, record) => Resealed(version, record, sealer, nextSealer, backend),
                progress,
                cancellation);
        }
        catch
        {
            if (!ReferenceEquals(journal.StoreKey, next))
            {
                next.Dispose();
            }

            throw;
        }
        finally
        {
            if (ReferenceEquals(journal.StoreKey, next))
            {
                earlier.Dispose();
            }
        }
    });

    /// <summary>Leaves of the journal what is needed to know the keys' states, where that is half of it at most.</summary>
    /// <returns>Whether it was done.</returns>
    internal bool Compact(IProgress<MaintenanceProgress>? progress, CancellationToken cancellation)
    {
        bool pays = false;
        Alone(() =>
        {
            pays = journal.LineCount >= 2 * (1 + Versions().LongCount());
            if (!pays)
            {
                return;
            }

            StoreDescription current = StoreDescription.Read(ReadDescription(), store.Location);
            Rebuild(
                GenerationReason.Compact,
                journal.StoreKey,
                generation => current.WriteFor(generation, journal.StoreKey),
                (_, record) => record,
                progress,
                cancellation);
        });
        return pays;
    }

    /// <summary>Writes a backup. Writers go on while it reads the records; only at its end do they wait for a moment.</summary>
    internal void Backup(Stream destination)
    {
        journal.RequireNoCallback();
        lock (_generation)
        {
            using BackupWriter backup = new(destination, journal.StoreKey);
            backup.WriteDescription(ReadDescription());
            HashSet<KeyVersion> written = [];
            foreach (KeyVersion version in Versions())
            {
                requireOpen();
                if (version.State != KeyState.Destroyed && records.Find(version) is { } record)
                {
                    backup.WriteVersion(BackupEntry.Record, version.Id.Uuid, version.Id.Version, record);
                    written.Add(version);
                }
            }

            // What changed since: the journal is the last to be read, and tells of all that is there by then.
            List<(KeyVersion Version, BackupEntry Entry, byte[] Bytes)> rest = [];
            byte[] lines = [];
            journal.InTurn(() =>
            {
                foreach (KeyVersion version in Versions().Where(version => !written.Contains(version)))
                {
                    if (version.State != KeyState.Destroyed)
                    {
                        rest.Add((version, BackupEntry.Record, records.ReadInTurn(version)));
                    }
                    else if (new HandleErasure(store, sealer, backend).HasHandle(version))
                    {
                        // Its key is still in a device, which a restore must know.
                        rest.Add((version, BackupEntry.Record, store.ReadRecord(version.Id.Uuid, version.Id.Version)!));
                    }
                    else if (RecordReader.FindRemains(store, version) is { } remains)
                    {
                        rest.Add((version, BackupEntry.Remains, remains));
                    }
                }

                lines = store.ReadJournal(0).Bytes.ToArray();
            });
            foreach ((KeyVersion version, BackupEntry entry, byte[] bytes) in rest)
            {
                backup.WriteVersion(entry, version.Id.Uuid, version.Id.Version, bytes);
            }

            backup.WriteJournal(lines);
            backup.End();
        }
    }

    /// <summary>Checks everything that lies in the store. Readers and writers go on.</summary>
    internal StoreReport Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellation) =>
        new LiveCheck(journal, store, sealer, backend, gate, requireOpen).Run(progress, cancellation);

    /// <summary>Copies the store to an empty place, under a key-encryption key of its own, states and all.</summary>
    internal void CopyTo(ISealedStore target, KeyEncryptionKey kek) => Alone(() =>
    {
        if (target.ReadDescription() is not null)
        {
            throw new KmsException(KmsError.StoreFailed, $"{target.Location} holds a store already, and nothing was changed. Name an empty place.");
        }

        using IGenerationBuilder builder = target.BuildGeneration(journal.Generation + 1);
        byte[] description = StoreDescription.Write(journal.StoreKey, builder.Number, kek);
        Build(GenerationReason.Restore, StoreAnchor.None, builder, journal.StoreKey, description, (_, record) => record, null, default).Commit(description);
    });

    private void Alone(Action work)
    {
        journal.RequireNoCallback();
        lock (_generation) journal.InTurn(work);
    }

    private void Rebuild(
        string reason,
        StoreKey storeKey,
        Func<long, byte[]> describe,
        Func<KeyVersion, byte[], byte[]> seal,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellation)
    {
        using IGenerationBuilder builder = store.BuildGeneration(journal.Generation + 1);
        byte[] description = describe(builder.Number);
        GenerationWriter writer = Build(reason, journal.Directory.Anchor, builder, storeKey, description, seal, progress, cancellation);

        // Before the gate is shut: who opens a key does not wait for these flushes.
        writer.MakeDurable();
        gate.Change(() =>
        {
            journal.Change(() => writer.Commit(description));
            sealer.ChangeTo(storeKey);
            journal.GoOnWith(writer.Replay, storeKey);
        });
        journal.Change(journal.AdvanceAnchor);
        journal.Change(() => store.RemoveEarlierGenerations(keepRecords: false, journal.Directory.Destroyed));
    }

    private GenerationWriter Build(
        string reason,
        string anchor,
        IGenerationBuilder builder,
        StoreKey storeKey,
        byte[] description,
        Func<KeyVersion, byte[], byte[]> seal,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellation)
    {
        KeyVersion[] versions = [.. Versions()];
        JournalHead head = journal.Head;
        bool leaps = GenerationReason.Leaps(journal.Directory.Reason);
        GenerationWriter writer = new(
            builder, storeKey, new GenerationOrigin(journal.Generation, head.Seq, head.Digest), head.Seq, journal.NowMs(), store.Location);
        writer.Begin(description, leaps ? GenerationReason.Leaping(reason) : reason, anchor);
        for (int done = 0; done < versions.Length; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            requireOpen();
            Carry(versions[done], writer, seal);
            progress?.Report(new MaintenanceProgress(done + 1, versions.Length));
        }

        cancellation.ThrowIfCancellationRequested();
        return writer;
    }

    private void Carry(KeyVersion version, GenerationWriter writer, Func<KeyVersion, byte[], byte[]> seal)
    {
        if (version.State != KeyState.Destroyed)
        {
            byte[] record = seal(version, records.ReadInTurn(version));
            writer.Add(version, version.State, Digest.Of(record), record);
            return;
        }

        // Where a key's destruction in its device is still to be done, only the record of this generation tells where it is.
        new HandleErasure(store, sealer, backend).Erase(version);
        writer.Add(version, KeyState.Destroyed, null, null);
        if (RecordReader.FindRemains(store, version) is { } remains)
        {
            writer.AddRemains(version, remains);
        }
    }

    /// <summary>Seals a record under another store key.</summary>
    internal static byte[] Resealed(KeyVersion version, byte[] record, Sealer from, Sealer to, KeyBackend backend)
    {
        using SecretBytes? plaintext = from.Open(record, version.Id);
        RecordBody body = RecordReader.RequireOwn(version, record, plaintext, out RonkHeader header);

        // Secret and public key are compared before they are sealed again.
        using OpenedKey opened = backend.Open(body, header.PublicKey) ?? throw RecordReader.Damaged(version.Id);
        return to.Seal(body, header.PublicKey, header.CreatedAtMs, header.NotAfterMs);
    }

    private IEnumerable<KeyVersion> Versions() => journal.Directory.Keys.SelectMany(entry => entry.Versions.ToArray());

    /// <summary>Reads the description. What it says is carried on as the store's own word, so it must be the one that the journal names.</summary>
    private byte[] ReadDescription()
    {
        byte[] bytes = store.ReadDescription()
            ?? throw new KmsException(KmsError.StoreFailed, $"store.json of {store.Location} is gone. See what removed it; nothing was changed.");
        return Digest.Of(bytes) == journal.Directory.Store && StoreDescription.Read(bytes, store.Location).IsAuthentic(journal.StoreKey)
            ? bytes
            : throw new KmsException(
                KmsError.SealedCorrupt,
                $"store.json of {store.Location} is not the one that the journal names: it was changed, or an older one was put back. Nothing was changed. "
                + "Put back the right one, or have a new one written by ChangeKek or Reseal, before the keystore is closed: with this one the store does not open again.");
    }
}
