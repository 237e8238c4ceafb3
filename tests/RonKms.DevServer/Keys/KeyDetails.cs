namespace RonKms.DevServer.Keys;

/// <summary>What anybody may know of a key version.</summary>
/// <param name="Kid">Its name.</param>
/// <param name="Alg">Its algorithm.</param>
/// <param name="Hybrid">Whether that is a classical and a post-quantum one together.</param>
/// <param name="State">How it is.</param>
/// <param name="Versions">All versions of the key.</param>
/// <param name="PublicB3">The raw public key, of asymmetric keys.</param>
/// <param name="PublicPem">The same as SubjectPublicKeyInfo in PEM, where there is a standard for it.</param>
internal sealed record KeyDetails(
    string Kid, string Alg, bool Hybrid, KeyVersionState State, IReadOnlyList<KeyVersionState> Versions, byte[]? PublicB3 = null, string? PublicPem = null);
