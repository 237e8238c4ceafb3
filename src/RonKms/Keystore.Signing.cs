using System.Runtime.ExceptionServices;
using RonKms.Algorithms;
using RonKms.Custody;

namespace RonKms;

/// <content>Signing and verifying.</content>
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
        algorithm.CheckSigning(message, destination, options);
        OperationScope scope = Begin(KmsOperationKind.Sign, key);
        int size;
        try
        {
            KeyVersion version = EnterCurrent(key, ref scope);
            using (EnteredKey<SigningKey> opened = _core.Opened.Enter<SigningKey>(version))
            {
                size = opened.Key.SignEntered(message, destination, options);
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
        OperationScope scope = Begin(KmsOperationKind.Verify, key);
        bool good;
        try
        {
            KeyVersion version = Resolve(key).Version;
            PqModes.RequireAllowed(_core.Options.PqMode, options);
            Enter(version.Id, ref scope);
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
}
