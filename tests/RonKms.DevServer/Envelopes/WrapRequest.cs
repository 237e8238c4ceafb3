namespace RonKms.DevServer.Envelopes;

/// <summary>Something to be sealed for a key.</summary>
/// <param name="Kid">For which.</param>
/// <param name="PayloadB3">What.</param>
/// <param name="AadB3">What it is bound to, and is needed to open it.</param>
internal sealed record WrapRequest(string Kid, byte[] PayloadB3, byte[]? AadB3 = null);
