namespace RonKms.CrashProbe;

/// <summary>What one thread of a writer is about to do.</summary>
/// <param name="Op">create, import, rotate, disable, enable, destroy or destroy-all.</param>
/// <param name="Subject">The label of a new key; otherwise the key version that the call names.</param>
internal sealed record Intent(string Op, string Subject)
{
    internal bool MakesKey => Op is "create" or "import";
}
