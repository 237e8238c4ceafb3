using Microsoft.Win32.SafeHandles;
using RonKms.Backends;
using RonKms.Sealing;
using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>Checks a store that lies in a directory, with its key or without, and changes nothing: what is wrong becomes a finding, and the walk goes on.</summary>
/// <remarks>Used once. Source: docs/formats/ronk-v1.md, sections 2 to 4.</remarks>
internal sealed partial class DirectoryCheck : IDisposable
{
    private const string Restore = "Restore the store from a backup: docs/runbooks/damaged-record.md.";
    private const string NextOpening = "The next opening for writing puts it in order.";

    private readonly StoreLayout _layout;
    private readonly KeyEncryptionKey? _kek;
    private readonly IRollbackAnchor? _anchor;
    private readonly KeyBackend _backend;
    private readonly IProgress<MaintenanceProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly InspectedFiles _files;
    private readonly StoreFindings _findings = new();
    private StoreKey? _storeKey;
    private int _generations;
    private long _lines;

    internal DirectoryCheck(
        string root, KeyEncryptionKey? kek, IRollbackAnchor? anchor, KeyBackend backend, IProgress<MaintenanceProgress>? progress, CancellationToken cancellation)
    {
        _layout = new StoreLayout(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        _kek = kek;
        _anchor = anchor;
        _backend = backend;
        _progress = progress;
        _cancellation = cancellation;
        _files = new InspectedFiles((path, failure) => _findings.Damage(StoreFindingKind.Unreadable, NameOf(path), failure));
    }

    private string Location => "file:" + _layout.Root;

    public void Dispose() => _storeKey?.Dispose();

    /// <summary>Walks through the store.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.StoreNotFound"/></exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal StoreReport Run()
    {
        IReadOnlyList<string> names = ListRoot();
        string? holder = FindHolder();

        byte[]? description = Read(_layout.Description, StoreLimits.DescriptionLength, StoreFindingKind.DescriptionDamaged);
        if (description is null && !_files.Exists(_layout.Description))
        {
            _findings.Damage(StoreFindingKind.DescriptionDamaged, StoreLayout.DescriptionName, "It is missing.", "See docs/runbooks/missing-store-json.md.");
        }

        byte[]? next = Read(_layout.NextDescription, StoreLimits.DescriptionLength, StoreFindingKind.DescriptionDamaged);
        StoreDescription? current = Parse(description, StoreLayout.DescriptionName);
        StoreDescription? following = CheckNext(Parse(next, StoreLayout.NextDescriptionName), current);
        _storeKey = Unwrap(current, following);

        long live = current?.Generation ?? names.Select(StoreLayout.NumberOf).Max() ?? 0;
        CheckNames(names, live);
        byte[]? journal = live == 0 ? null : Read(_layout.Journal(live), (int)StoreLimits.JournalLength, StoreFindingKind.JournalDamaged);
        (JournalChain chain, bool isWhole) = CheckJournal(journal, current, live, Digests(description, next));
        CheckArchive(chain);
        VersionCheck versions = CheckVersions(chain, isWhole);
        if (holder is not null || HasChanged(description, live, journal))
        {
            _findings.Notice(
                StoreFindingKind.InMotion,
                null,
                holder is null ? "The store was changed while it was checked." : $"{holder} has the store open for writing.",
                $"What is reported may be half of a change: check again once nobody writes, or call {nameof(Keystore)}.{nameof(Keystore.VerifyStore)} in that process.");
        }

        return new StoreReport
        {
            Location = Location,
            IsAuthenticated = _storeKey is not null,
            Generation = live,
            HeadSeq = chain.Head.Seq,
            Head = chain.Head.Digest.ToString(),
            Generations = _generations,
            JournalLines = _lines,
            KeyVersions = chain.Directory.Keys.Sum(entry => (long)entry.Versions.Length),
            Records = versions.Records,
            Bytes = _files.BytesRead,
            Findings = _findings.All,
        };
    }

    private static Digest[] Digests(params byte[]?[] descriptions) => [.. descriptions.OfType<byte[]>().Select(bytes => Digest.Of(bytes))];

    private string NameOf(string path) => Path.GetRelativePath(_layout.Root, path);

    private IReadOnlyList<string> ListRoot()
    {
        IReadOnlyList<string> names = _files.FindDirectory(_layout.Root) ? _files.List(_layout.Root) : [];
        if (names.Contains(StoreLayout.DescriptionName) || names.Any(StoreLayout.IsGenerationName))
        {
            return names;
        }

        string why = _findings.All is [var refusal, ..] ? refusal.Found : "Check the path and that everything is mounted.";
        throw new KmsException(KmsError.StoreNotFound, $"There is no store to check at {_layout.Root}. {why}");
    }

    private string? FindHolder()
    {
        try
        {
            return StoreLock.FindHolder(_files, _layout.Lock);
        }
        catch (KmsException e)
        {
            _findings.Damage(StoreFindingKind.Unreadable, StoreLayout.LockName, e);
            return null;
        }
    }

    /// <summary>Reads a file, where it is there and can be read.</summary>
    private byte[]? Read(string path, int limit, StoreFindingKind kind)
    {
        try
        {
            return _files.ReadWhole(path, limit);
        }
        catch (KmsException e)
        {
            _findings.Damage(kind, NameOf(path), e);
            return null;
        }
    }

    private StoreDescription? Parse(byte[]? bytes, string name)
    {
        try
        {
            return bytes is null ? null : StoreDescription.Read(bytes, Location);
        }
        catch (KmsException e)
        {
            _findings.Damage(StoreFindingKind.DescriptionDamaged, name, e);
            return null;
        }
    }

    /// <summary>Judges what a change of the key-encryption key that was cut short left.</summary>
    /// <returns>It, where the store may open with its key.</returns>
    private StoreDescription? CheckNext(StoreDescription? next, StoreDescription? current)
    {
        if (next is null || current is null)
        {
            return null;
        }

        if (next.StoreId != current.StoreId || next.Generation > current.Generation)
        {
            _findings.Damage(
                StoreFindingKind.DescriptionDamaged, StoreLayout.NextDescriptionName, "It belongs to another store or generation.", "Move it away: the store does not open beside it.");
            return null;
        }

        _findings.Notice(
            StoreFindingKind.Leftover, StoreLayout.NextDescriptionName, "A change of the key-encryption key was cut short.", "The next opening for writing, with either key, ends it.");
        return next.Generation == current.Generation ? next : null;
    }

    private StoreKey? Unwrap(StoreDescription? current, StoreDescription? next)
    {
        if (_kek is null || current is null)
        {
            return null;
        }

        KmsException? refusal = null;
        foreach (StoreDescription description in new[] { current, next }.OfType<StoreDescription>())
        {
            try
            {
                return description.Unwrap(_kek, Location);
            }
            catch (KmsException e)
            {
                refusal ??= e;
            }
        }

        _findings.Damage(StoreFindingKind.DescriptionDamaged, StoreLayout.DescriptionName, refusal!);
        return null;
    }

    /// <summary>Judges what lies in the store's directory and its live generation's.</summary>
    private void CheckNames(IReadOnlyList<string> names, long live)
    {
        foreach (string name in names)
        {
            string path = Path.Combine(_layout.Root, name);
            if (StoreLayout.NumberOf(name) is { } number && number != live)
            {
                _findings.Notice(
                    StoreFindingKind.Leftover, name, number < live ? "An earlier generation was not wholly put away." : "A generation was begun and never finished.", NextOpening);
            }
            else if (name is StoreLayout.LostName or StoreLayout.ArchiveName)
            {
                int count = _files.FindDirectory(path) ? _files.List(path).Count : 0;
                if (name == StoreLayout.LostName && count > 0)
                {
                    _findings.Notice(
                        StoreFindingKind.Leftover, name, $"An opening moved something aside: {count} names.", "docs/runbooks/damaged-record.md tells what to do with it.");
                }
            }
            else if (name.EndsWith(DurableFiles.TemporarySuffix, StringComparison.Ordinal))
            {
                _findings.Notice(StoreFindingKind.Leftover, name, "A file that was never finished.", NextOpening);
            }
            else if (!StoreLayout.IsOfStore(name))
            {
                _findings.Notice(StoreFindingKind.ForeignFile, name, "No part of a store.", "See who put it there.");
            }
        }

        if (!_files.FindDirectory(_layout.Generation(live)))
        {
            return;
        }

        foreach (string name in _files.List(_layout.Generation(live)).Where(name => name is not (StoreLayout.JournalName or StoreLayout.KeysName)))
        {
            _findings.Notice(StoreFindingKind.ForeignFile, Path.Combine(StoreLayout.GenerationName(live), name), "No part of a store.", "See who put it there.");
        }
    }

    private VersionCheck CheckVersions(JournalChain chain, bool isWhole)
    {
        RecordFiles files = new(_files, _layout.Keys(chain.Generation));
        VersionCheck check = new(
            (key, version) => files.Read(new RecordName(key, version, RecordName.Record)),
            (key, version) => files.Read(new RecordName(key, version, RecordName.Remains)),
            _storeKey is null ? null : new Sealer(_storeKey),
            _backend);
        KeyVersion[] versions = [.. chain.Directory.Keys.SelectMany(entry => entry.Versions.ToArray())];
        _progress?.Report(new MaintenanceProgress(0, versions.Length));
        for (int done = 0; done < versions.Length; done++)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (check.Judge(versions[done]) is { } finding)
            {
                string extension = finding.Kind == StoreFindingKind.RemainsDamaged ? RecordName.Remains : RecordName.Record;
                RecordName name = new(finding.Key!.Uuid, finding.Key.Version, extension);
                _findings.Add(finding with { File = NameOf(files.PathOf(name)) });
            }

            _progress?.Report(new MaintenanceProgress(done + 1, versions.Length));
        }

        CheckUnnamed(files, chain, isWhole);
        return check;
    }

    /// <summary>Judges what no version calls for. Behind damage in the journal there may be the lines that do.</summary>
    private void CheckUnnamed(RecordFiles files, JournalChain chain, bool isWhole)
    {
        const string Advice = "A crash leaves a record without a line, and so does a journal whose end is cut off: docs/runbooks/damaged-record.md.";
        int unnamed = 0;
        foreach (RecordName name in files.All())
        {
            _cancellation.ThrowIfCancellationRequested();
            KeyVersion? version = chain.Directory.Find(name.Key)?.Find(name.Version);
            if (version is null && !isWhole)
            {
                unnamed++;
            }
            else if (version is null || (name.Extension == RecordName.Remains && version.State != KeyState.Destroyed))
            {
                _findings.Notice(
                    StoreFindingKind.Orphan,
                    NameOf(files.PathOf(name)),
                    version is null ? "No journal line names it." : "The journal does not tell that this version is destroyed.",
                    Advice);
            }
        }

        if (unnamed > 0)
        {
            _findings.Notice(
                StoreFindingKind.Orphan, NameOf(_layout.Keys(chain.Generation)), $"The good part of the journal names {unnamed} of the files here not.", Advice);
        }

        foreach (string path in files.Strays())
        {
            bool isUnfinished = path.EndsWith(DurableFiles.TemporarySuffix, StringComparison.Ordinal);
            _findings.Notice(
                isUnfinished ? StoreFindingKind.Leftover : StoreFindingKind.ForeignFile,
                NameOf(path),
                isUnfinished ? "A file that was never finished." : "No part of a store.",
                "The next opening for writing moves it to lost/.");
        }
    }

    private bool HasChanged(byte[]? description, long live, byte[]? journal)
    {
        try
        {
            if (!_files.ReadWhole(_layout.Description, StoreLimits.DescriptionLength).AsSpan().SequenceEqual(description))
            {
                return true;
            }

            using SafeFileHandle? file = journal is null ? null : _files.Open(_layout.Journal(live), FileUse.Read);
            return journal is not null && (file is null || _files.LengthOf(file, _layout.Journal(live)) != journal.Length);
        }
        catch (KmsException)
        {
            // Told of when it was read first.
            return false;
        }
    }
}
