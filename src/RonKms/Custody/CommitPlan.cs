using RonKms.Storage;

namespace RonKms.Custody;

/// <summary>What a change writes: events not yet placed in the chain, and the records they are about.</summary>
internal sealed class CommitPlan
{
    internal List<CustodyEvent> Events { get; } = [];

    internal List<SealedRecord> Records { get; } = [];

    internal List<RecordRemoval> Removals { get; } = [];

    /// <summary>Destroyed versions whose keys are in a device: what is left to do once the lines are durable.</summary>
    internal List<KeyVersion> Erasures { get; } = [];

    /// <summary>Versions destroyed with a damaged record, which no longer tells whether their keys are in a device.</summary>
    internal List<KeyVersion> Lost { get; } = [];

    /// <summary>Whether it is written, or perhaps is: false as long as certainly nothing of it was.</summary>
    internal bool MayBeWritten { get; set; }
}
