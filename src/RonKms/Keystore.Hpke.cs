using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Custody;

namespace RonKms;

/// <content>HPKE.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public SecretBytes HpkeOpen(KeyId key, ReadOnlySpan<byte> ciphertext, HpkeOptions? options = null)
    {
        Hpke hpke = RequireHpke(key, options);
        SecretBytes? plaintext = null;
        OperationScope scope = Begin(KmsOperationKind.Unwrap, key);
        try
        {
            KeyVersion version = EnterReadable(key, ref scope);
            plaintext = SecretBytes.Allocate(hpke.PlaintextSize(ciphertext));
            HpkeOpen(version, hpke, ciphertext, plaintext.Reveal());
            scope.Leave();
        }
        catch (Exception e)
        {
            plaintext?.Dispose();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return plaintext;
    }

    /// <inheritdoc/>
    public int HpkeOpen(KeyId key, ReadOnlySpan<byte> ciphertext, Span<byte> destination, HpkeOptions? options = null)
    {
        Hpke hpke = RequireHpke(key, options);
        int size = hpke.PlaintextSize(ciphertext);
        RequireRoom(destination.Length, size, nameof(destination));
        hpke.RequireApart(ciphertext, destination);
        OperationScope scope = Begin(KmsOperationKind.Unwrap, key);
        try
        {
            KeyVersion version = EnterReadable(key, ref scope);
            HpkeOpen(version, hpke, ciphertext, destination[..size]);
            scope.Leave();
        }
        catch (Exception e)
        {
            CryptographicOperations.ZeroMemory(destination);
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    private Hpke RequireHpke(KeyId key, HpkeOptions? options)
    {
        KemAlgorithm kem = Implementation<KemAlgorithm>(key, "open HPKE ciphertexts");
        RequireConcrete(key, "name the version that it was sealed to");
        return Hpke.With(kem, options)
            ?? throw new ArgumentException($"Keys of {key.Algorithm} do not open HPKE ciphertexts.", nameof(key));
    }

    private void HpkeOpen(KeyVersion version, Hpke hpke, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        using (EnteredKey<DecapsulationKey> opened = _core.Opened.Enter<DecapsulationKey>(version))
        {
            if (!hpke.TryOpen(opened.Key, ciphertext, plaintext))
            {
                throw new KmsException(
                    KmsError.DecryptionFailed, $"The ciphertext does not open with {version.Id} and the info, associated data and cipher given.");
            }
        }
    }
}
