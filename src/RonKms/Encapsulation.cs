namespace RonKms;

/// <summary>A fresh shared secret and the ciphertext that takes it to the holder of a decapsulation key.</summary>
public sealed class Encapsulation : IDisposable
{
    internal Encapsulation(byte[] ciphertext, SecretBytes sharedSecret)
    {
        Ciphertext = ciphertext;
        SharedSecret = sharedSecret;
    }

    /// <summary>What to send.</summary>
    public ReadOnlyMemory<byte> Ciphertext { get; }

    /// <summary>What both sides then share; wiped with this object.</summary>
    public SecretBytes SharedSecret { get; }

    /// <summary>Wipes the shared secret.</summary>
    public void Dispose() => SharedSecret.Dispose();
}
