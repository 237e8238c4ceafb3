using RonKms.Storage;

namespace RonKms.Sealing;

/// <summary>A file that holds a passphrase, or a token's PIN, in its first line: mode 0600, owned by the effective user.</summary>
public static class PassphraseFile
{
    /// <summary>The most bytes that a passphrase has.</summary>
    public const int MaxSize = 4096;

    /// <summary>Reads a passphrase: the file's bytes up to its first LF or CRLF, not normalised.</summary>
    /// <param name="path">The file.</param>
    /// <param name="allowMountedSecret">Whether it may be a symbolic link or readable by others, as container platforms mount secrets.</param>
    /// <returns>1 to <see cref="MaxSize"/> bytes; the caller owns and disposes them.</returns>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>: the file is missing or cannot be read; <see cref="KmsError.PermissionsTooWide"/>;
    /// <see cref="KmsError.WrongKek"/> where it holds something else.</exception>
    public static SecretBytes Read(string path, bool allowMountedSecret = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // Room for the line's end, and for what may follow it.
        using SecretBytes text = SecretBytes.Allocate(2 * MaxSize);
        long size = PrivateFile.ReadInto(path, text.Reveal(), allowMountedSecret);
        if (size > text.Length)
        {
            throw new KmsException(
                KmsError.WrongKek, $"{path} is not a passphrase file: {size} bytes, expected at most {text.Length}. Check that the path names the right file.");
        }

        int length = (int)size;
        int lineFeed = text.Reveal()[..length].IndexOf((byte)'\n');
        if (lineFeed >= 0)
        {
            length = lineFeed > 0 && text.Reveal()[lineFeed - 1] == (byte)'\r' ? lineFeed - 1 : lineFeed;
        }

        return length is > 0 and <= MaxSize
            ? SecretBytes.CopyOf(text.Reveal()[..length])
            : throw new KmsException(KmsError.WrongKek, $"The first line of {path} is not a passphrase of 1 to {MaxSize} bytes.");
    }
}
