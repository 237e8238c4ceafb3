namespace RonKms.Storage;

/// <summary>How a <see cref="FileStore"/> is opened.</summary>
public sealed class FileStoreOptions
{
    /// <summary>Whether a store may be made: a missing directory is created (not the ones above it), and an empty one is taken.
    /// By default a missing store is refused, because a wrong mount must not make new keys.</summary>
    public bool Create { get; init; }

    /// <summary>Whether the store is only read, beside whoever writes to it: no lock is taken, and nothing is made, changed or moved. What writes then
    /// gives <see cref="InvalidOperationException"/>.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>How long to wait for another process to let go of the store; 5 seconds by default, zero for not at all.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock that <see cref="LockTimeout"/> is measured with; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
