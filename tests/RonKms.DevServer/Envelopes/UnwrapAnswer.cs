namespace RonKms.DevServer.Envelopes;

/// <summary>What was sealed.</summary>
internal sealed record UnwrapAnswer(byte[] PayloadB3);
