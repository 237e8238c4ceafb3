using System.Globalization;
using System.Text;
using RonKms.Custody;
using RonKms.Pkcs11.Keys;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11;

/// <summary>A PKCS#11 token that this process is logged in to: an HSM, a smart card, or a soft token.</summary>
/// <remarks>
/// Thread-safe. Keystores, key-encryption keys and others that are made with it share its login, which lasts until it and all of them are
/// disposed; then this process is logged out and its sessions are closed. Where sessions are lost, it opens and logs in again by itself.
/// The PIN is kept in guarded memory for that. A PIN that the token refuses is not tried again: <see cref="KmsError.Denied"/>.
/// Source: OASIS PKCS#11 2.40, 3.1 and 3.2; RFC 7512.
/// </remarks>
public sealed class Pkcs11Token : IDisposable
{
    /// <summary>How many sessions are open at once at most, unless it is said otherwise.</summary>
    public const int DefaultMaxSessions = 8;

    private const string LibraryVariable = "KMS_PKCS11_LIB";
    private const string SlotVariable = "KMS_PKCS11_SLOT";
    private const string PinVariable = "KMS_PKCS11_PIN";

    private readonly TokenConnection _connection;
    private int _isDisposed;

    private Pkcs11Token(TokenConnection connection, bool acceptUnvouched)
    {
        _connection = connection;
        Made = acceptUnvouched ? KeyOrigin.Unvouched : KeyOrigin.Made;
    }

    /// <summary>The token's label.</summary>
    public string Label => _connection.Identity.Label;

    /// <summary>The token's serial number.</summary>
    public string SerialNumber => _connection.Identity.Serial;

    /// <summary>Who made it, as it says itself.</summary>
    public string Manufacturer => _connection.Identity.Manufacturer;

    /// <summary>Its model, as it says itself.</summary>
    public string Model => _connection.Identity.Model;

    /// <summary>A rollback anchor in this token: a private data object for each store, and assurance <c>anchored:token</c>.</summary>
    /// <remarks>It needs the token to be open. Two processes that write to copies of one store at the same moment may both succeed; the next write
    /// or opening finds out.</remarks>
    public IRollbackAnchor Anchor => field ??= new TokenAnchor(() => Connection);

    /// <summary>What it must say of keys that it makes.</summary>
    internal KeyOrigin Made { get; }

    /// <summary>The connection, for this package and its tests.</summary>
    internal TokenConnection Connection
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return _connection;
        }
    }

    /// <summary>Logs in to a token.</summary>
    /// <param name="uri">Which token (RFC 7512): <c>pkcs11:token=…;serial=…?module-path=…&amp;pin-source=file:…</c>. Known are <c>token</c>, <c>serial</c>,
    /// <c>manufacturer</c>, <c>model</c>, <c>slot-id</c>, <c>module-path</c> and <c>pin-source</c>; <c>pin-value</c> is refused. The environment is not
    /// asked for what it leaves out.</param>
    /// <param name="pin">The user's PIN; it is copied, and the caller wipes its own. Empty to take it from the file that <c>pin-source</c> names.</param>
    /// <param name="maxSessions">How many sessions are open at once at most, 1 to 1,024; fewer where the token allows fewer. Who shares a
    /// login shares its sessions.</param>
    /// <param name="acceptUnvouched">Whether keys are used of which the token does not say that they were made there (CKA_LOCAL), as some tokens say of
    /// no key; such keys are refused otherwise. Everything else is asked of them all the same: private, sensitive always, extractable never. An
    /// attestation of such a key says <c>local</c> <c>0</c>, and a key-encryption key that was put there from outside is not told from one
    /// that was made there.</param>
    /// <param name="allowMountedSecret">Whether the PIN's file may be a symbolic link, belong to root or be readable by others, as container platforms
    /// mount secrets.</param>
    /// <returns>The token; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The URI is malformed, or something is named nowhere.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.TokenUnavailable"/>: module or token cannot be used; <see cref="KmsError.Denied"/>: the token
    /// refuses the PIN; for the PIN's file as <see cref="PassphraseFile.Read"/>.</exception>
    public static Pkcs11Token Open(
        string uri, ReadOnlySpan<byte> pin = default, int maxSessions = DefaultMaxSessions, bool acceptUnvouched = false, bool allowMountedSecret = false) =>
        Open(TokenUri.Parse(uri), pin, maxSessions, asksEnvironment: false, acceptUnvouched, allowMountedSecret);

    /// <summary>Logs in to the token that the environment names: <c>KMS_PKCS11_LIB</c>, <c>KMS_PKCS11_SLOT</c> and <c>KMS_PKCS11_PIN</c>.</summary>
    /// <param name="acceptUnvouched">As for <see cref="Open(string, ReadOnlySpan{byte}, int, bool, bool)"/>.</param>
    /// <returns>The token; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">Module, slot or PIN is not set.</exception>
    /// <exception cref="KmsException">As <see cref="Open(string, ReadOnlySpan{byte}, int, bool, bool)"/>.</exception>
    public static Pkcs11Token FromEnvironment(bool acceptUnvouched = false) => SlotOfEnvironment() is null
        ? throw new ArgumentException($"{SlotVariable} is not set: the slot-id of the token.")
        : Open(TokenUri.Parse(TokenUri.Scheme), default, DefaultMaxSessions, asksEnvironment: true, acceptUnvouched, allowMountedSecret: false);

    /// <summary>Makes a key-encryption key in the token: AES-256, which never leaves it. A store whose key is wrapped under it opens only with the token.</summary>
    /// <param name="name">Its label in the token, 1 to 64 characters.</param>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.Denied"/>: there is one of that name, which was not touched;
    /// <see cref="KmsError.AlgUnavailable"/>: the token can wrap by none of the forms that stores know; <see cref="KmsError.TokenUnavailable"/>.</exception>
    public KeyEncryptionKey CreateKek(string name) => TokenKek.Create(Connection, CheckedName(name), Made);

    /// <summary>Finds a key-encryption key in the token.</summary>
    /// <param name="name">Its label.</param>
    /// <returns>The key; the caller owns it until a keystore takes it.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>: there is none of that name that is private, or several, or one that
    /// was not made in the token or could leave it;
    /// <see cref="KmsError.TokenUnavailable"/>.</exception>
    public KeyEncryptionKey OpenKek(string name) => TokenKek.Open(Connection, CheckedName(name), Made);

    /// <summary>Ends this use of the token. With the last use of it in this process, nothing of ours is left logged in.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _connection.Close();
        }
    }

    /// <summary>Logs in to a token.</summary>
    /// <param name="uri">Which one.</param>
    /// <param name="pin">The PIN, or nothing.</param>
    /// <param name="maxSessions">As above.</param>
    /// <param name="asksEnvironment">Whether the environment says what the URI leaves out.</param>
    /// <param name="acceptUnvouched">As above.</param>
    /// <param name="allowMountedSecret">As above.</param>
    internal static Pkcs11Token Open(
        TokenUri uri, ReadOnlySpan<byte> pin, int maxSessions, bool asksEnvironment, bool acceptUnvouched, bool allowMountedSecret)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSessions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxSessions, 1024);
        if (uri.Object is not null || uri.Id is not null || uri.Store is not null)
        {
            throw new ArgumentException("This URI names a token, not an object in one or a store: object, id and x-store have no place in it.", nameof(uri));
        }

        string module = uri.ModulePath ?? (asksEnvironment ? Setting(LibraryVariable) : null) ?? throw new ArgumentException(
            $"Which PKCS#11 module to load is named nowhere: by module-path in the URI, or in settings by {LibraryVariable}.", nameof(uri));
        uint? slot = uri.SlotId ?? (asksEnvironment && uri.Token is null && uri.Serial is null ? SlotOfEnvironment() : null);
        using SecretBytes given = !pin.IsEmpty ? SecretBytes.CopyOf(pin)
            : uri.PinFile is { } file ? PassphraseFile.Read(file, allowMountedSecret)
            : asksEnvironment ? PinOfEnvironment()
            : SecretBytes.Allocate(0);
        return new Pkcs11Token(
            TokenConnection.Open(
                module, (id, token) => uri.Names((ulong)id.Value, token) && (slot is null || slot == id.Value), uri.ToString(), given.Reveal(), maxSessions),
            acceptUnvouched);
    }

    private static string CheckedName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return name.Length <= 64 ? name : throw new ArgumentException("A name has at most 64 characters.", nameof(name));
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static uint? SlotOfEnvironment() => Setting(SlotVariable) is not { } text ? null
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint slot) ? slot
        : throw new ArgumentException($"{SlotVariable} must be a slot-id, a number.");

    // The environment keeps its own copy, which nobody can wipe: for development, and for platforms that have nothing else.
    private static SecretBytes PinOfEnvironment()
    {
        string text = Setting(PinVariable) ?? string.Empty;
        SecretBytes pin = SecretBytes.Allocate(Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, pin.Reveal());
        return pin;
    }
}
