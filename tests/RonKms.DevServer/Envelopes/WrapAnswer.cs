namespace RonKms.DevServer.Envelopes;

/// <summary>The envelope.</summary>
internal sealed record WrapAnswer(byte[] EnvelopeB3);
