namespace RonKms.DevServer.Keys;

/// <summary>A key version that was made.</summary>
/// <param name="Kid">Its name.</param>
internal sealed record NamedKey(string Kid);
