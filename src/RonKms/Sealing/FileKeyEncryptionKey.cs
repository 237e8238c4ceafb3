using RonKms.Algorithms;
using RonKms.Interop;
using RonKms.Storage;

namespace RonKms.Sealing;

/// <summary>A key-encryption key of 32 bytes that is kept in a file of its own.</summary>
internal sealed class FileKeyEncryptionKey : KeyEncryptionKey
{
    internal const int Size = 32;
    private const string KindName = "keyfile";
    private const int TextSize = 44;
    private const byte LineFeed = (byte)'\n';

    // Enough to see what a file that is a little too long has too much.
    private const int RoomSize = 64;

    private readonly SecretBytes _key;

    internal FileKeyEncryptionKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != Size)
        {
            throw new ArgumentException($"A key-encryption key has {Size} bytes.", nameof(key));
        }

        _key = SecretBytes.CopyOf(key);
    }

    public override string Kind => KindName;

    internal static FileKeyEncryptionKey Read(string path, bool allowMountedSecret)
    {
        using SecretBytes text = SecretBytes.Allocate(RoomSize);
        using SecretBytes key = SecretBytes.Allocate(Size);
        long length = PrivateFile.ReadInto(path, text.Reveal(), allowMountedSecret);
        bool hasLength = length == TextSize || (length == TextSize + 1 && text.Reveal()[TextSize] == LineFeed);
        if (!hasLength
            || Libsodium.sodium_base642bin(
                key.Reveal(), Size, text.Reveal(), TextSize, 0, out nuint decoded, 0, Libsodium.sodium_base64_VARIANT_ORIGINAL) != 0
            || decoded != Size)
        {
            string hint = text.Reveal().Contains((byte)'\r') ? " It holds a CR: save it with Unix line ends (LF)." : "";
            throw new KmsException(
                KmsError.WrongKek,
                $"{path} is not a key file: {length} bytes, expected {TextSize} base64 characters (of {Size} bytes) and at most one LF.{hint} "
                + "Nothing was changed. Check that the path names the right file.");
        }

        return new FileKeyEncryptionKey(key.Reveal()) { File = path };
    }

    internal static void Create(string path)
    {
        using SecretBytes key = SecretBytes.Allocate(Size);
        using SecretBytes text = SecretBytes.Allocate(TextSize + 1);
        Entropy.Fill(key.Reveal());
        _ = Libsodium.sodium_bin2base64(text.Reveal(), TextSize + 1, key.Reveal(), Size, Libsodium.sodium_base64_VARIANT_ORIGINAL);
        text.Reveal()[TextSize] = LineFeed;
        PrivateFile.CreateNew(path, text.Reveal());
    }

    public override byte[] Wrap(ReadOnlySpan<byte> storeKey, out KekDescription description)
    {
        description = KekDescription.OfKind(KindName);
        return AesKeyWrap.Wrap(_key.Reveal(), storeKey);
    }

    public override bool TryUnwrap(KekDescription description, ReadOnlySpan<byte> wrapped, Span<byte> storeKey) =>
        description.HasExactly("kind")
            ? AesKeyWrap.TryUnwrap(_key.Reveal(), wrapped, storeKey)
            : throw Unacceptable("it has members that are unknown");

    protected override void Dispose(bool disposing) => _key.Dispose();
}
