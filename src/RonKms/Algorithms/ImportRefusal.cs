namespace RonKms.Algorithms;

/// <summary>Says why bytes are not imported as a key. Their form is looked at, never their secret part.</summary>
internal static class ImportRefusal
{
    /// <summary>Makes the exception.</summary>
    /// <param name="algorithm">The algorithm that was named.</param>
    /// <param name="given">The bytes that were given.</param>
    /// <returns>What to throw.</returns>
    internal static KmsException Of(KeyAlgorithm algorithm, ReadOnlySpan<byte> given) => new(KmsError.ImportRefused, Reason(algorithm, given));

    private static string Reason(KeyAlgorithm algorithm, ReadOnlySpan<byte> given)
    {
        if (given.TrimStart(" \t\r\n"u8).StartsWith("-----BEGIN "u8))
        {
            return "The bytes are PEM text, and a key is imported as DER. Convert it: "
                + "openssl pkcs8 -topk8 -outform DER -nocrypt -in key.pem -out key.der; in code, PemEncoding finds the base64 to decode.";
        }

        return RsaPrivateKey.FindModulusBits(given) is { } bits && algorithm.Name != $"rsa{bits}"
            ? $"The bytes are an RSA key of {bits} bits, and not of {algorithm}. RSA keys are imported as rsa2048, rsa3072 or rsa4096, by their size."
            : $"The bytes are not a well-formed, consistent {algorithm} key. Check the encoding and the algorithm."
                + (algorithm is { IsHybrid: true, Use: KeyUse.Sign } ? " Its two seeds must differ from each other." : "");
    }
}
