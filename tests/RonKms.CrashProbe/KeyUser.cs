namespace RonKms.CrashProbe;

/// <summary>Uses a key version for all that its state allows, and for some of what it does not.</summary>
internal static class KeyUser
{
    /// <returns>What is wrong, or <see langword="null"/>.</returns>
    internal static string? FindFault(Keystore keys, Version version)
    {
        KeyInfo info = keys.Get(version.Id);
        bool signs = version.Id.Algorithm == KeyAlgorithm.Ed25519;
        if (info.IsLatest && version.State == KeyState.Enabled)
        {
            byte[] product = signs ? keys.Sign(version.Id, "message"u8) : keys.Wrap(version.Id, "message"u8);
            version.Product ??= product;
        }
        else if (info.IsLatest && RefusalOf(keys, version) is var refusal
            && refusal != (version.State == KeyState.Disabled ? KmsError.KeyDisabled : KmsError.KeyDestroyed))
        {
            return $"its use ended with {refusal?.ToString() ?? "success"}";
        }

        if (version.ImportedFrom is { } label && !keys.GetPublicKey(version.Id).Raw.Span.SequenceEqual(PublicKeyOf(label))) return "it is not the key that was imported";
        if (signs) _ = keys.GetPublicKey(version.Id);
        if (version.Product is null) return null;
        if (signs) return keys.Verify(version.Id, "message"u8, version.Product) ? null : "a signature from before is not its own";
        if (version.State != KeyState.Enabled) return null;

        using SecretBytes plaintext = keys.Unwrap(version.Id, version.Product);
        return plaintext.Reveal().SequenceEqual("message"u8) ? null : "an envelope from before holds something else";
    }

    private static KmsError? RefusalOf(Keystore keys, Version version)
    {
        try
        {
            _ = version.Id.Algorithm == KeyAlgorithm.Ed25519 ? keys.Sign(version.Id, "message"u8) : keys.Wrap(version.Id, "message"u8);
            return null;
        }
        catch (KmsException refusal)
        {
            return refusal.Error;
        }
    }

    private static byte[] PublicKeyOf(string label)
    {
        using Keystore keys = Keystore.InMemory();
        return keys.GetPublicKey(keys.Import("t", "p", KeyAlgorithm.Ed25519, TestStore.SeedOf(label))).Raw.ToArray();
    }
}
