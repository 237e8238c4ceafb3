namespace RonKms.Storage;

/// <summary>A store in a directory that this process alone writes to, or that it only reads.</summary>
/// <remarks>
/// What a commit reported is on the disk: records and lines are flushed in an order that leaves the old state or the new one after a
/// crash at any moment. (On Windows a power loss may undo acknowledged commits: a directory cannot be flushed there.)
/// Directories have mode 0700, files 0600, and belong to the effective user; anything else is refused.
/// One that is opened with <see cref="FileStoreOptions.ReadOnly"/> reads what a writer in another process adds: each <see cref="ReadJournal"/> goes to
/// the end that the journal has by then. Of what is being written at that moment it may see a part.
/// An instance is disposed by its owner; a call on another thread then ends well or throws <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class FileStore : ISealedStore
{
    private readonly FileOperations _files;
    private readonly StoreLayout _layout;
    private readonly StoreLock? _lock;
    private readonly AppendSubscriptions _subscriptions = new();
    private readonly Lock _writing = new();
    private volatile StoreGeneration? _live;
    private volatile bool _isDisposed;
    private bool _isSettled;
    private Exception? _failure;

    private FileStore(FileOperations files, StoreLayout layout, StoreLock? storeLock)
    {
        _files = files;
        _layout = layout;
        _lock = storeLock;
    }

    /// <inheritdoc/>
    public string Location => "file:" + _layout.Root;

    /// <inheritdoc/>
    public bool IsVolatile => false;

    private bool IsReadOnly => _lock is null;

    /// <summary>Opens a directory for writing, and waits for whoever else does; or for reading alone.</summary>
    /// <param name="path">The directory. It must not be a symbolic link.</param>
    /// <param name="options">How to open it.</param>
    /// <returns>The store. Where <see cref="ReadDescription"/> is <see langword="null"/>, <see cref="Create"/> makes one.</returns>
    /// <exception cref="ArgumentException">A store is to be made and only read.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.StoreNotFound"/>: there is no directory or no store.json in it, and none may be
    /// made; nothing was changed. <see cref="KmsError.StoreFailed"/>: the directory holds other files, or I/O failed.
    /// <see cref="KmsError.StoreLocked"/>; <see cref="KmsError.PermissionsTooWide"/>.</exception>
    public static FileStore Open(string path, FileStoreOptions? options = null) => Open(path, options ?? new FileStoreOptions(), new FileOperations());

    /// <inheritdoc/>
    public byte[]? ReadDescription()
    {
        ThrowIfDisposed();
        return _files.ReadWhole(_layout.Description, StoreLimits.DescriptionLength);
    }

    /// <inheritdoc/>
    public byte[]? ReadNextDescription()
    {
        ThrowIfDisposed();
        return _files.ReadWhole(_layout.NextDescription, StoreLimits.DescriptionLength);
    }

    /// <inheritdoc/>
    public void WriteNextDescription(ReadOnlySpan<byte> description)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(description.Length, StoreLimits.DescriptionLength, nameof(description));
        byte[] next = description.ToArray();
        lock (_writing) Write("The new store.json", () => _files.Replace(_layout.NextDescription, next));
    }

    /// <inheritdoc/>
    public void InstallNextDescription()
    {
        lock (_writing)
        {
            Write("The new store.json", () =>
            {
                _files.Rename(_layout.NextDescription, _layout.Description);
                _files.SyncDirectory(_layout.Root);
            });
        }
    }

    /// <inheritdoc/>
    public void DropNextDescription()
    {
        lock (_writing)
        {
            Write("The removal of store.json.next", () =>
            {
                if (!_files.Exists(_layout.NextDescription)) return;

                _files.Unlink(_layout.NextDescription);
                _files.SyncDirectory(_layout.Root);
            });
        }
    }

    /// <inheritdoc/>
    public IGenerationBuilder BuildGeneration(long atLeast)
    {
        lock (_writing)
        {
            ThrowIfDisposed();
            ThrowIfReadOnly();
            ThrowIfPoisoned();
            var others = new OtherGenerations(_files, _layout);
            if (_live is { } live) others.DiscardAfter(live.Number);

            // Left by an attempt that nothing settled since, as before a restore.
            string temporary = _layout.Description + DurableFiles.TemporarySuffix;
            if (_files.Exists(temporary)) _files.Unlink(temporary);
            return new GenerationBuilder(_files, _layout, Math.Max(atLeast, others.Highest + 1), Install);
        }
    }

    /// <inheritdoc/>
    public void RemoveEarlierGenerations(bool keepRecords, IEnumerable<(Guid Key, uint Version)> destroyed)
    {
        ArgumentNullException.ThrowIfNull(destroyed);
        lock (_writing)
        {
            ThrowIfReadOnly();
            long live = Live().Number;
            Write("The removal of the earlier generation", () => new OtherGenerations(_files, _layout).Clear(live, keepRecords, destroyed));
        }
    }

    /// <inheritdoc/>
    public IEnumerable<StoredJournal> ReadJournals()
    {
        ThrowIfDisposed();
        return new OtherGenerations(_files, _layout).ReadJournals();
    }

    /// <inheritdoc/>
    public void KeepDescriptions()
    {
        lock (_writing)
        {
            Write("The keeping of store.json", () =>
            {
                LostFiles lost = new(_files, _layout.Lost);
                foreach (string path in (string[])[_layout.Description, _layout.NextDescription])
                {
                    if (_files.ReadWhole(path, StoreLimits.DescriptionLength) is { } bytes) lost.Keep(Path.GetFileName(path), bytes);
                }
            });
        }
    }

    /// <inheritdoc/>
    public void Create(ReadOnlySpan<byte> description, ReadOnlySpan<byte> firstLine)
    {
        StoreCommit.ThrowIfNotOneLine(firstLine, nameof(firstLine));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(description.Length, StoreLimits.DescriptionLength, nameof(description));
        byte[] storeJson = description.ToArray();
        byte[] line = firstLine.ToArray();
        lock (_writing)
        {
            Write("The creation", () =>
            {
                new StoreCreation(_files, _layout).Make(storeJson, line);
                _live = StoreGeneration.Open(_files, _layout, 1, firstSeq: 1, isReadOnly: false);
            });
            _isSettled = true;
        }
    }

    /// <inheritdoc/>
    public void UseGeneration(long generation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(generation, 1);
        lock (_writing)
        {
            ThrowIfDisposed();
            if (_live?.Number == generation) return;

            StoreGeneration? earlier = _live;
            // Only the first generation is known to begin with line 1.
            _live = StoreGeneration.Open(_files, _layout, generation, generation == 1 ? 1 : JournalFile.Unknown, IsReadOnly);
            _isSettled = false;
            earlier?.Dispose();
        }
    }

    /// <inheritdoc/>
    public JournalTail ReadJournal(long afterSeq) => Live().Journal.ReadAfter(afterSeq);

    /// <inheritdoc/>
    public byte[] ReadLine(long seq) => Live().Journal.ReadLine(seq);

    /// <inheritdoc/>
    public IEnumerable<(Guid Key, uint Version)> ListRecords() => Live().Records.List();

    /// <inheritdoc/>
    public byte[]? ReadRecord(Guid key, uint version) => Live().Records.Read(new RecordName(key, version, RecordName.Record));

    /// <inheritdoc/>
    public byte[]? ReadRemains(Guid key, uint version) => Live().Records.Read(new RecordName(key, version, RecordName.Remains));

    /// <inheritdoc/>
    public void Settle(JournalSettlement settlement)
    {
        ArgumentNullException.ThrowIfNull(settlement);
        lock (_writing)
        {
            StoreGeneration live = Live();
            if (IsReadOnly)
            {
                live.Journal.Number(settlement);
                return;
            }

            Write("The settling", () => live.Settle(settlement));
            _isSettled = true;
        }
    }

    /// <inheritdoc/>
    public CommitResult Commit(StoreCommit commit)
    {
        ArgumentNullException.ThrowIfNull(commit);
        commit.ThrowIfMalformed();
        long head;
        lock (_writing)
        {
            StoreGeneration live = Live();
            ThrowIfReadOnly();
            ThrowIfPoisoned();
            if (!_isSettled) throw new InvalidOperationException("A store is written to only once its journal was checked and settled.");
            if (live.Journal.HeadSeq != commit.ExpectedHeadSeq) return CommitResult.Conflict;

            live.Journal.RequireRoom(commit.Lines.Sum(line => (long)line.Length));
            Write("The commit", () => live.Commit(commit));
            head = live.Journal.HeadSeq;
        }

        // Outside the lock: who is told may come back with the next commit.
        if (commit.Lines.Count > 0) _subscriptions.Tell(head);
        return CommitResult.Committed;
    }

    /// <inheritdoc/>
    public IDisposable OnAppended(Action<long> appended)
    {
        ThrowIfDisposed();
        return _subscriptions.Add(appended);
    }

    /// <summary>Lets a commit under way end, then lets go of the lock.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            _isDisposed = true;
            _live?.Dispose();
            _lock?.Dispose();
        }
    }

    /// <param name="path">The directory.</param>
    /// <param name="options">How to open it.</param>
    /// <param name="files">What reads and writes.</param>
    /// <param name="forRestore">Whether the remains of a store without a description are taken, too, because a restore brings one.</param>
    internal static FileStore Open(string path, FileStoreOptions options, FileOperations files, bool forRestore = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.LockTimeout, TimeSpan.Zero, nameof(options));
        if (options.ReadOnly && options.Create) throw new ArgumentException("A store that is only read is not made: choose one of the two.", nameof(options));
        var layout = new StoreLayout(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (!files.FindDirectory(layout.Root))
        {
            if (!options.Create) throw NotFound($"There is no directory {layout.Root}.");
            files.RequireDirectory(layout.Root);
        }

        if (!files.Exists(layout.Description))
        {
            if (!options.Create)
            {
                throw files.List(layout.Root).FirstOrDefault(StoreLayout.IsGenerationName) is { } generation
                    ? StoreCreation.DescriptionGone(KmsError.StoreNotFound, layout, generation)
                    : NotFound($"{layout.Root} holds no {StoreLayout.DescriptionName}.");
            }

            // Before the lock file is made: nothing is put among other people's files.
            if (!forRestore || files.List(layout.Root).Any(name => !StoreLayout.IsOfStore(name))) new StoreCreation(files, layout).RequireVacant();
        }

        return new FileStore(
            files, layout, options.ReadOnly ? null : StoreLock.Take(files, layout.Lock, options.LockTimeout, options.TimeProvider));
    }

    private void Install(GenerationBuilder built, byte[] description, long firstSeq)
    {
        lock (_writing)
        {
            // Opened before it counts, so that nothing can fail afterwards.
            StoreGeneration next = StoreGeneration.Open(_files, _layout, built.Number, firstSeq, isReadOnly: false);
            try
            {
                Write("The change of generation", () => _files.Replace(_layout.Description, description));
            }
            catch
            {
                next.Dispose();
                throw;
            }

            _live?.Dispose();
            _live = next;
            _isSettled = true;
        }
    }

    private static KmsException NotFound(string what) =>
        new(KmsError.StoreNotFound, what + " Check the path and that everything is mounted; a new store is made only when that is asked for.");

    private StoreGeneration Live()
    {
        ThrowIfDisposed();
        return _live ?? throw new InvalidOperationException("The store has no live generation yet: make one, or name the one of the description.");
    }

    private void Write(string what, Action write)
    {
        ThrowIfDisposed();
        ThrowIfReadOnly();
        ThrowIfPoisoned();
        try
        {
            write();
        }
        catch (Exception failure) when (failure is not ArgumentException)
        {
            _failure = failure;
            if (failure is KmsException { Error: KmsError.StoreFailed })
            {
                throw new KmsException(KmsError.StoreFailed, $"{what} failed and was not acknowledged; its outcome is unknown until the store is reopened. {failure.Message}", failure);
            }

            throw;
        }
    }

    private void ThrowIfPoisoned()
    {
        if (_failure is not null)
        {
            throw new KmsException(
                KmsError.StoreFailed, $"An earlier write to {_layout.Root} failed; nothing more is written until the store is reopened. {_failure.Message}", _failure);
        }
    }

    private void ThrowIfReadOnly()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException($"{Location} was opened read-only, and nothing was changed. Change it where it is open for writing, or open it for writing once nobody else has it so.");
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
