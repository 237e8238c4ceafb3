using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Custody;

namespace RonKms;

/// <content>Encapsulation and decapsulation.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public Encapsulation Encapsulate(KeyId key, out KeyId encapsulatedTo)
    {
        KemAlgorithm algorithm = Implementation<KemAlgorithm>(key, "encapsulate");
        byte[] ciphertext = new byte[algorithm.CiphertextSize];
        SecretBytes sharedSecret = SecretBytes.Allocate(algorithm.SharedSecretSize);
        try
        {
            Encapsulate(key, ciphertext, sharedSecret.Reveal(), out encapsulatedTo);
        }
        catch
        {
            sharedSecret.Dispose();
            throw;
        }

        return new Encapsulation(ciphertext, sharedSecret);
    }

    /// <inheritdoc/>
    public void Encapsulate(KeyId key, Span<byte> ciphertext, Span<byte> sharedSecret, out KeyId encapsulatedTo)
    {
        KemAlgorithm algorithm = Implementation<KemAlgorithm>(key, "encapsulate");
        algorithm.CheckEncapsulation(ciphertext, sharedSecret);
        OperationScope scope = Begin(KmsOperationKind.Encap, key);
        try
        {
            KeyVersion version = EnterCurrent(key, ref scope);
            algorithm.Encapsulate(_core.Records.PublicKey(version), ciphertext, sharedSecret);
            encapsulatedTo = version.Id;
            scope.Leave();
        }
        catch (Exception e)
        {
            ciphertext.Clear();
            CryptographicOperations.ZeroMemory(sharedSecret);
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
    }

    /// <inheritdoc/>
    public SecretBytes Decapsulate(KeyId key, ReadOnlySpan<byte> ciphertext)
    {
        SecretBytes sharedSecret = SecretBytes.Allocate(Implementation<KemAlgorithm>(key, "decapsulate").SharedSecretSize);
        try
        {
            Decapsulate(key, ciphertext, sharedSecret.Reveal());
            return sharedSecret;
        }
        catch
        {
            sharedSecret.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Decapsulate(KeyId key, ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret)
    {
        KemAlgorithm algorithm = Implementation<KemAlgorithm>(key, "decapsulate");
        RequireConcrete(key, "name the version that the secret was encapsulated to");
        algorithm.CheckDecapsulation(ciphertext, sharedSecret);
        OperationScope scope = Begin(KmsOperationKind.Decap, key);
        try
        {
            KeyVersion version = EnterReadable(key, ref scope);
            using (EnteredKey<DecapsulationKey> opened = _core.Opened.Enter<DecapsulationKey>(version))
            {
                if (!opened.Key.TryDecapsulateEntered(ciphertext, sharedSecret))
                {
                    throw new KmsException(KmsError.DecryptionFailed, $"The ciphertext does not open with {version.Id}.");
                }
            }

            scope.Leave();
        }
        catch (Exception e)
        {
            CryptographicOperations.ZeroMemory(sharedSecret);
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
    }
}
