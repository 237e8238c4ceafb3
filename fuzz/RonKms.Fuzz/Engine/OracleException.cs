namespace RonKms.Fuzz.Engine;

/// <summary>Something that must be true of every input is not.</summary>
internal sealed class OracleException(string message) : Exception(message);
