namespace RonKms.Custody;

/// <summary>What an open put in order after a crash.</summary>
/// <param name="TornBytes">Bytes of an unfinished write that were moved to <c>lost/</c>.</param>
/// <param name="Orphans">Records without a journal line that were moved to <c>lost/</c>.</param>
/// <param name="FinishedRemovals">Destroyed versions whose records were still there.</param>
internal readonly record struct StoreOpeningReport(int TornBytes, int Orphans, int FinishedRemovals);
