using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <content>What is done with keys.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public byte[] Sign(KeyId key, ReadOnlySpan<byte> message, SignOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        RequireConcrete(key, "a signature without a name cannot be verified; take the overload that says which version signed");
        return Sign(key, message, out _, options);
    }

    /// <inheritdoc/>
    public byte[] Sign(KeyId key, ReadOnlySpan<byte> message, out KeyId signedBy, SignOptions? options = null)
    {
        byte[] signature = new byte[Implementation<SignatureAlgorithm>(key, "sign").GetSignatureSize(options)];
        int size = Sign(key, message, signature, out signedBy, options);
        return size == signature.Length ? signature : signature[..size];
    }

    /// <inheritdoc/>
    public int Sign(KeyId key, ReadOnlySpan<byte> message, Span<byte> destination, out KeyId signedBy, SignOptions? options = null)
    {
        SignatureAlgorithm algorithm = Implementation<SignatureAlgorithm>(key, "sign");
        algorithm.CheckOptions(options);
        RequireRoom(destination.Length, algorithm.GetSignatureSize(options), nameof(destination));
        OperationScope scope = Begin(KmsOperationKind.Sign);
        int size;
        try
        {
            KeyVersion version = ResolveCurrent(key);
            scope.Enter(version.Id);
            SigningKey opened = _core.Opened.Enter<SigningKey>(version);
            try
            {
                size = opened.SignEntered(message, destination, options);
            }
            finally
            {
                opened.Leave();
            }

            signedBy = version.Id;
            scope.Leave();
        }
        catch (Exception e)
        {
            destination.Clear();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    /// <inheritdoc/>
    public bool Verify(KeyId key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, SignOptions? options = null)
    {
        SignatureAlgorithm algorithm = Implementation<SignatureAlgorithm>(key, "verify");
        RequireConcrete(key, "name the version that signed");
        algorithm.CheckOptions(options);
        OperationScope scope = Begin(KmsOperationKind.Verify);
        bool good;
        try
        {
            KeyVersion version = Resolve(key).Version;
            scope.Enter(version.Id);
            good = algorithm.Verify(_core.Records.PublicKey(version), message, signature, options);
            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return good;
    }

    /// <inheritdoc/>
    public void VerifyBatch(ReadOnlyMemory<VerifyItem> items, Memory<bool> results, int maxParallelism = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallelism, 1);
        if (items.Length != results.Length)
        {
            throw new ArgumentException("There must be as many results as items.", nameof(results));
        }

        void VerifyItem(int i)
        {
            VerifyItem item = items.Span[i];
            results.Span[i] = Verify(item.Key, item.Message.Span, item.Signature.Span, item.Options);
        }

        try
        {
            if (maxParallelism == 1)
            {
                for (int i = 0; i < items.Length; i++)
                {
                    VerifyItem(i);
                }
            }
            else
            {
                Parallel.For(0, items.Length, new ParallelOptions { MaxDegreeOfParallelism = maxParallelism }, VerifyItem);
            }
        }
        catch (Exception e)
        {
            results.Span.Clear();
            if (e is AggregateException { InnerExceptions: [var first, ..] })
            {
                ExceptionDispatchInfo.Throw(first);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public byte[] ComputeMac(KeyId key, ReadOnlySpan<byte> data, out KeyId computedBy)
    {
        byte[] mac = new byte[Implementation<MacAlgorithm>(key, "compute codes").MacSize];
        ComputeMac(key, data, mac, out computedBy);
        return mac;
    }

    /// <inheritdoc/>
    public int ComputeMac(KeyId key, ReadOnlySpan<byte> data, Span<byte> destination, out KeyId computedBy)
    {
        RequireRoom(destination.Length, Implementation<MacAlgorithm>(key, "compute codes").MacSize, nameof(destination));
        OperationScope scope = Begin(KmsOperationKind.Mac);
        int size;
        try
        {
            KeyVersion version = ResolveCurrent(key);
            scope.Enter(version.Id);
            MacKey opened = _core.Opened.Enter<MacKey>(version);
            try
            {
                size = opened.ComputeEntered(data, destination);
            }
            finally
            {
                opened.Leave();
            }

            computedBy = version.Id;
            scope.Leave();
        }
        catch (Exception e)
        {
            destination.Clear();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    /// <inheritdoc/>
    public bool VerifyMac(KeyId key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        _ = Implementation<MacAlgorithm>(key, "verify codes");
        RequireConcrete(key, "name the version that computed the code");
        OperationScope scope = Begin(KmsOperationKind.Mac);
        bool right;
        try
        {
            KeyVersion version = ResolveReadable(key);
            scope.Enter(version.Id);
            MacKey opened = _core.Opened.Enter<MacKey>(version);
            try
            {
                right = opened.VerifyEntered(data, mac);
            }
            finally
            {
                opened.Leave();
            }

            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return right;
    }

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
        RequireExactly(ciphertext.Length, algorithm.CiphertextSize, nameof(ciphertext));
        RequireExactly(sharedSecret.Length, algorithm.SharedSecretSize, nameof(sharedSecret));
        OperationScope scope = Begin(KmsOperationKind.Encap);
        try
        {
            KeyVersion version = ResolveCurrent(key);
            scope.Enter(version.Id);
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
        RequireExactly(sharedSecret.Length, algorithm.SharedSecretSize, nameof(sharedSecret));
        OperationScope scope = Begin(KmsOperationKind.Decap);
        try
        {
            KeyVersion version = ResolveReadable(key);
            scope.Enter(version.Id);
            DecapsulationKey opened = _core.Opened.Enter<DecapsulationKey>(version);
            try
            {
                if (!opened.TryDecapsulateEntered(ciphertext, sharedSecret))
                {
                    throw new KmsException(KmsError.DecryptionFailed, $"The ciphertext does not open with {version.Id}.");
                }
            }
            finally
            {
                opened.Leave();
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

    /// <inheritdoc/>
    public byte[] Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData = default)
    {
        byte[] envelope = GC.AllocateUninitializedArray<byte>(checked(plaintext.Length + Envelope.Overhead));
        Wrap(key, plaintext, associatedData, envelope);
        return envelope;
    }

    /// <inheritdoc/>
    public int Wrap(KeyId key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> destination)
    {
        _ = Implementation<AeadAlgorithm>(key, "wrap");
        int size = checked(plaintext.Length + Envelope.Overhead);
        RequireRoom(destination.Length, size, nameof(destination));
        if (plaintext.Overlaps(destination) || associatedData.Overlaps(destination))
        {
            throw new ArgumentException("The destination overlaps the plaintext or the associated data.", nameof(destination));
        }

        OperationScope scope = Begin(KmsOperationKind.Wrap);
        try
        {
            KeyVersion version = ResolveCurrent(key);
            scope.Enter(version.Id);
            Seal(version, plaintext, associatedData, destination[..size]);
            scope.Leave();
        }
        catch (Exception e)
        {
            destination.Clear();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    /// <inheritdoc/>
    public SecretBytes Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData = default)
    {
        SecretBytes plaintext = SecretBytes.Allocate(Envelope.PlaintextSize(envelope));
        try
        {
            Unwrap(key, envelope, associatedData, plaintext.Reveal());
            return plaintext;
        }
        catch
        {
            plaintext.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Unwrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> destination)
    {
        _ = Implementation<AeadAlgorithm>(key, "unwrap");
        int size = Envelope.PlaintextSize(envelope);
        RequireRoom(destination.Length, size, nameof(destination));
        if (envelope.Overlaps(destination))
        {
            throw new ArgumentException("The destination overlaps the envelope.", nameof(destination));
        }

        OperationScope scope = Begin(KmsOperationKind.Unwrap);
        try
        {
            KeyVersion version = ResolveNamed(key, envelope);
            scope.Enter(version.Id);
            Unseal(version, envelope, associatedData, destination[..size]);
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

    /// <inheritdoc/>
    public byte[] Rewrap(KeyId key, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        using SecretBytes plaintext = Unwrap(key, envelope, associatedData);
        return Wrap(key.Latest, plaintext.Reveal(), associatedData);
    }

    private static void RequireRoom(int has, int needs, string name)
    {
        if (has < needs)
        {
            throw new ArgumentException($"The buffer is too small: {needs} bytes are needed.", name);
        }
    }

    private static void RequireExactly(int has, int needs, string name)
    {
        if (has != needs)
        {
            throw new ArgumentException($"The buffer must have exactly {needs} bytes.", name);
        }
    }

    /// <summary>The version that an envelope names, which must be one of the key asked for.</summary>
    private KeyVersion ResolveNamed(KeyId key, ReadOnlySpan<byte> envelope)
    {
        KeyEntry entry = Resolve(key.Latest).Entry;
        KeyVersion version = Envelope.TryReadHeader(envelope, out Guid uuid, out uint number) && uuid == entry.Id.Uuid && entry.Find(number) is { } named
            ? named
            : throw Envelope.Refused(key);
        KeyRules.RequireReadable(entry, version, _core.Journal);
        return version;
    }

    private void Seal(KeyVersion version, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> envelope)
    {
        AeadKey opened = _core.Opened.Enter<AeadKey>(version);
        try
        {
            Envelope.Seal(opened, version.Id, plaintext, associatedData, envelope);
        }
        finally
        {
            opened.Leave();
        }
    }

    private void Unseal(KeyVersion version, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> associatedData, Span<byte> plaintext)
    {
        AeadKey opened = _core.Opened.Enter<AeadKey>(version);
        try
        {
            if (!Envelope.TryOpen(opened, envelope, associatedData, plaintext))
            {
                throw Envelope.Refused(version.Id);
            }
        }
        finally
        {
            opened.Leave();
        }
    }
}
