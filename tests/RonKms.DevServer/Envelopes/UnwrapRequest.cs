namespace RonKms.DevServer.Envelopes;

/// <summary>An envelope to be opened.</summary>
/// <param name="Kid">Whose; any version of the key, since the envelope names its own.</param>
/// <param name="EnvelopeB3">The envelope.</param>
/// <param name="AadB3">What it is bound to.</param>
internal sealed record UnwrapRequest(string Kid, byte[] EnvelopeB3, byte[]? AadB3 = null);
