using RonKms.Algorithms;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Keys;

/// <summary>Places <c>pkcs11:token=…;object=KEK;x-store=file:PATH?module-path=…&amp;pin-source=file:…</c>: keys act in the token, and the store's key is wrapped there.</summary>
internal sealed class TokenPlaces(bool allowImport, bool acceptUnvouched) : IDevicePlaces
{
    /// <summary>What the key-encryption key is named where the URI does not say (<c>object</c>).</summary>
    internal const string DefaultKek = "ronkms-kek";

    private const string FileScheme = "file:";

    /// <inheritdoc/>
    public string Scheme => TokenUri.Scheme;

    /// <inheritdoc/>
    public string? Fault(string place)
    {
        TokenUri uri;
        try
        {
            uri = TokenUri.Parse(place);
        }
        catch (ArgumentException e)
        {
            return $"pkcs11:URI;x-store=file:PATH. {e.Message.TrimEnd('.')}";
        }

        return uri.Store is not { } store || !store.StartsWith(FileScheme, StringComparison.Ordinal) || !Path.IsPathFullyQualified(store[FileScheme.Length..])
            ? "pkcs11:URI;x-store=file:PATH, with the full path of the store's directory"
            : uri.Id is not null ? "without id: the key-encryption key is named by object"
            : null;
    }

    /// <inheritdoc/>
    public DevicePlace Open(string place, AlgorithmCatalog algorithms, bool create, bool allowMountedSecret)
    {
        TokenUri uri = TokenUri.Parse(place);
        string name = uri.Object ?? DefaultKek;
        using Pkcs11Token token = Pkcs11Token.Open(uri.TokenAlone(), default, Pkcs11Token.DefaultMaxSessions, asksEnvironment: true, acceptUnvouched, allowMountedSecret);
        KeyEncryptionKey kek = TokenKek.TryOpen(token.Connection, name, token.Made)
            ?? (create ? TokenKek.Create(token.Connection, name, token.Made) : TokenKek.Open(token.Connection, name, token.Made));

        // The token is in use here, so that its connection can be shared.
        TokenConnection connection = token.Connection.Share();
        return new DevicePlace(uri.Store!, new Pkcs11Backend(connection, () => algorithms, allowImport, token.Made), kek, new TokenAnchor(() => connection));
    }
}
