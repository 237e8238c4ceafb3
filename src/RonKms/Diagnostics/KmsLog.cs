using Microsoft.Extensions.Logging;

namespace RonKms.Diagnostics;

/// <summary>What is logged. Never key material, lengths of ciphertexts, nonces, or a tenant's labels.</summary>
internal static partial class KmsLog
{
    [LoggerMessage(1, LogLevel.Information, "Opened the store at {Location}: {Keys} keys, assurance {Assurance}; algorithms of {Providers}")]
    internal static partial void StoreOpened(ILogger logger, string location, int keys, string assurance, string providers);

    [LoggerMessage(2, LogLevel.Warning, "Put {Location} in order: {TornBytes} bytes of an unfinished write and {Orphans} records without a journal line moved to lost/, {Removals} removals finished. A crash leaves this, and so does whoever cuts the journal: keep lost/ and compare the head")]
    internal static partial void StoreSettled(ILogger logger, string location, int tornBytes, int orphans, int removals);

    [LoggerMessage(3, LogLevel.Warning, "The store is memory: and its keys vanish with this process; set the store (RON_KMS_STORE, or Store in the section) to keep them")]
    internal static partial void KeysWillVanish(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "The system does not lock {Bytes} bytes of secrets into memory, so they may be written to swap; raise the limit (ulimit -l, LimitMEMLOCK)")]
    internal static partial void MemoryNotLocked(ILogger logger, long bytes);

    [LoggerMessage(5, LogLevel.Information, "{Op} {Kid} {Alg} {Result} {CorrId}")]
    internal static partial void LifeCycle(ILogger logger, string op, KeyId kid, string alg, string result, string corrId);

    [LoggerMessage(6, LogLevel.Warning, "{Op} {Kid} {Alg} {Result} {CorrId}")]
    internal static partial void Failure(ILogger logger, string op, KeyId kid, string alg, string result, string corrId);

    [LoggerMessage(7, LogLevel.Error, "Keys past their purge time could not be destroyed; they are refused all the same")]
    internal static partial void PurgeFailed(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "The key-encryption key {File} lies inside the store that it opens, {Location}: who copies the one has the other; move it to another volume")]
    internal static partial void KekInsideStore(ILogger logger, string file, string location);

    [LoggerMessage(9, LogLevel.Warning, "The store at {Location} has another rollback anchor from now on: assurance {Assurance}")]
    internal static partial void AnchorChanged(ILogger logger, string location, string assurance);

    [LoggerMessage(10, LogLevel.Error, "The record of {Kid} is damaged or missing in all that {Location} was restored from, and that version stays SealedCorrupt; what lay there of it is kept in lost/")]
    internal static partial void NotRestored(ILogger logger, KeyId kid, string location);

    [LoggerMessage(11, LogLevel.Warning, "Restored {Location} from {Source}; blind, since no journal told all that was done since: {IsBlind}; {Disabled} key versions were disabled by it")]
    internal static partial void Restored(ILogger logger, string location, string source, bool isBlind, int disabled);
}
