using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace RonKms.Sealing;

/// <summary>store.json: which store this is, which generation is live, and how its key is wrapped.</summary>
/// <remarks>Source: docs/formats/ronk-v1.md, section 2.</remarks>
internal sealed class StoreDescription
{
    private const string FormatPrefix = "ronk-store/";
    private const string Format = FormatPrefix + "1";

    private StoreDescription(Guid storeId, long generation, KekDescription kek, byte[] wrappedKey, byte[] mac)
    {
        StoreId = storeId;
        Generation = generation;
        Kek = kek;
        WrappedKey = wrappedKey;
        Mac = mac;
    }

    internal Guid StoreId { get; }

    internal long Generation { get; }

    internal KekDescription Kek { get; }

    private byte[] WrappedKey { get; }

    private byte[] Mac { get; }

    /// <summary>Wraps a store's key and writes the description.</summary>
    internal static byte[] Write(StoreKey storeKey, long generation, KeyEncryptionKey kek)
    {
        kek.RequireUsable();
        byte[] wrapped = kek.Wrap(storeKey.Reveal(), out KekDescription description);
        StoreDescription store = new(storeKey.StoreId, generation, description, wrapped, []);
        return store.Write(storeKey);
    }

    /// <summary>The same description for another generation of the store.</summary>
    internal byte[] WriteFor(long generation, StoreKey storeKey) => new StoreDescription(StoreId, generation, Kek, WrappedKey, []).Write(storeKey);

    /// <summary>Reads a description and checks its sum. Nothing in it is to be trusted before <see cref="Unwrap"/>.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.SealedCorrupt"/>, <see cref="KmsError.NewerFormat"/>.</exception>
    internal static StoreDescription Read(ReadOnlySpan<byte> bytes, string location)
    {
        StoreDescription? store = null;
        byte[]? sum = null;
        try
        {
            store = Parse(bytes, location, out sum);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw Damaged(location, e);
        }

        if (store is null || sum is null)
        {
            throw Damaged(location);
        }

        CanonicalJson json = new();
        store.Write(json, null, default);
        if (!SHA256.HashData(json.Written).AsSpan().SequenceEqual(sum))
        {
            throw Damaged(location);
        }

        json.Clear();
        store.Write(json, sum, store.Mac);
        return json.Written.SequenceEqual(bytes) ? store : throw Damaged(location);
    }

    /// <summary>Unwraps the store's key and checks the description's MAC.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.WrongKek"/>, <see cref="KmsError.SealedCorrupt"/>.</exception>
    internal StoreKey Unwrap(KeyEncryptionKey kek, string location)
    {
        kek.RequireUsable();
        if (Kek.Kind != kek.Kind)
        {
            throw new KmsException(
                KmsError.WrongKek,
                $"The store at {location} is wrapped under a key-encryption key of kind '{Kek.Kind}', and one of kind '{kek.Kind}' was given. Give the right one.");
        }

        SecretBytes unwrapped = SecretBytes.Allocate(StoreKey.Size);
        StoreKey? storeKey = null;
        try
        {
            if (!kek.TryUnwrap(Kek, WrappedKey, unwrapped.Reveal()))
            {
                throw new KmsException(
                    KmsError.WrongKek,
                    $"The key-encryption key given does not open the store at {location}. Nothing was changed. Check which key file or passphrase belongs to it.");
            }

            storeKey = new StoreKey(StoreId, unwrapped);
            return IsAuthentic(storeKey) ? storeKey : throw Damaged(location);
        }
        catch
        {
            storeKey?.Dispose();
            unwrapped.Dispose();
            throw;
        }
    }

    /// <summary>Whether a holder of a store's key wrote it.</summary>
    internal bool IsAuthentic(StoreKey storeKey)
    {
        Span<byte> mac = stackalloc byte[32];
        CanonicalJson json = new();
        Write(json, null, default);
        storeKey.MacDescription(json.Written, mac);
        return CryptographicOperations.FixedTimeEquals(mac, Mac);
    }

    private static KmsException Damaged(string location, Exception? cause = null) => new(
        KmsError.SealedCorrupt,
        $"store.json of {location} is damaged. Nothing was changed. Put back the copy that belongs to this journal.",
        cause);

    private static StoreDescription? Parse(ReadOnlySpan<byte> bytes, string location, out byte[]? sum)
    {
        sum = null;
        string? format = null;
        Guid storeId = default;
        long generation = 0;
        KekDescription? kek = null;
        byte[]? wrapped = null;
        byte[]? mac = null;

        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { MaxDepth = 2 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!reader.Read())
            {
                return null;
            }

            switch (name)
            {
                case "format": format = reader.GetString(); break;
                case "gen": generation = reader.GetInt64(); break;
                case "kek": kek = reader.TokenType == JsonTokenType.StartObject ? KekDescription.Read(ref reader) : null; break;
                case "mac": mac = ReadDigest(ref reader); break;
                case "store_id": storeId = Guid.ParseExact(reader.GetString() ?? string.Empty, "D"); break;
                case "sum": sum = ReadDigest(ref reader); break;
                case "wrapped_key": wrapped = Convert.FromBase64String(reader.GetString() ?? string.Empty); break;
                default: reader.Skip(); break;
            }
        }

        // A newer format may look otherwise in every other respect.
        if (format is not null && format != Format && format.StartsWith(FormatPrefix, StringComparison.Ordinal))
        {
            throw new KmsException(
                KmsError.NewerFormat, $"The store at {location} has the format {format}, and this version reads {Format}. Use a newer version of RonKms.");
        }

        return format == Format && kek is not null && generation is >= 1 and <= RonkCodec.MaxTimeMs && mac is not null && sum is not null && wrapped is not null
            ? new StoreDescription(storeId, generation, kek, wrapped, mac)
            : null;
    }

    private static byte[]? ReadDigest(ref Utf8JsonReader reader)
    {
        byte[] digest = new byte[SHA256.HashSizeInBytes];
        return reader.TokenType == JsonTokenType.String
            && reader.ValueSpan.Length == 2 * digest.Length
            && Convert.FromHexString(reader.ValueSpan, digest, out _, out _) == OperationStatus.Done
            ? digest
            : null;
    }

    private byte[] Write(StoreKey storeKey)
    {
        CanonicalJson json = new();
        Write(json, null, default);
        Span<byte> mac = stackalloc byte[32];
        storeKey.MacDescription(json.Written, mac);
        byte[] sum = SHA256.HashData(json.Written);
        json.Clear();
        Write(json, sum, mac);
        byte[] written = json.Written.ToArray();
        try
        {
            // One that cannot be read back would make the whole store unreadable.
            _ = Read(written, "a new generation");
            return written;
        }
        catch (KmsException e)
        {
            throw new KmsException(
                KmsError.Internal, $"A store.json for generation {Generation} could not have been read back, so nothing was changed. Please report it.", e);
        }
    }

    private void Write(CanonicalJson json, byte[]? sum, ReadOnlySpan<byte> mac)
    {
        json.BeginObject();
        json.Member("format"u8, Format);
        json.Member("gen"u8, Generation);
        json.Name("kek"u8);
        Kek.Write(json);
        if (sum is not null)
        {
            json.HexMember("mac"u8, mac);
        }

        json.Member("store_id"u8, StoreId.ToString("D"));
        if (sum is not null)
        {
            json.HexMember("sum"u8, sum);
        }

        json.Base64Member("wrapped_key"u8, WrappedKey);
        json.EndObject();
    }
}
