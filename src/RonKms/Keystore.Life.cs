using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <content>The life of a key.</content>
public sealed partial class Keystore
{
    private const string AttestationPurpose = "ronkms.attest";

    /// <inheritdoc/>
    public KeyId Create(string tenant, string purpose, KeyAlgorithm algorithm, KeyCreationOptions? options = null) =>
        Add(KmsOperationKind.Create, NewId(tenant, purpose, algorithm), options, [], _ => _core.Backend.Generate(algorithm));

    /// <inheritdoc/>
    public KeyId CreateSigningKey(string tenant, string purpose, KeyCreationOptions? options = null) =>
        Create(tenant, purpose, PqModes.SigningAlgorithm(_core.Options.PqMode), options);

    /// <inheritdoc/>
    public KeyId CreateKemKey(string tenant, string purpose, KeyCreationOptions? options = null) =>
        Create(tenant, purpose, PqModes.KemAlgorithm(_core.Options.PqMode), options);

    /// <inheritdoc/>
    public KeyId CreateAttestationKey(KeyAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        if (algorithm.Use != KeyUse.Sign)
        {
            throw new ArgumentException($"Keys of {algorithm} do not sign.", nameof(algorithm));
        }

        return CreateOwnKey(AttestationPurpose, algorithm);
    }

    /// <inheritdoc/>
    public KeyId Import(string tenant, string purpose, KeyAlgorithm algorithm, ReadOnlySpan<byte> secret, KeyCreationOptions? options = null)
    {
        KeyId id = NewId(tenant, purpose, algorithm);
        return Add(KmsOperationKind.Import, id, options, secret, given => ImportSecret(algorithm, given));
    }

    /// <inheritdoc/>
    public KeyId ImportPkcs8(string tenant, string purpose, KeyAlgorithm algorithm, ReadOnlySpan<byte> pkcs8, KeyCreationOptions? options = null)
    {
        KeyId id = NewId(tenant, purpose, algorithm);
        return Add(KmsOperationKind.Import, id, options, pkcs8, given =>
        {
            using SecretBytes? secret = _core.Options.Algorithms.Find(algorithm).ImportPkcs8(given);
            return secret is null ? throw ImportRefusal.Of(algorithm, given) : ImportSecret(algorithm, secret.Reveal());
        });
    }

    /// <inheritdoc/>
    public KeyId Rotate(KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _core.RequireWriter();
        OperationScope scope = Begin(KmsOperationKind.Rotate, key);
        KeyId added;
        try
        {
            KeyId expected = KeyLife.NextOf(_core.Life.RequireRotatable(key));
            PqModes.RequireAllowed(_core.Options.PqMode, key.Algorithm);
            scope.Enter(expected);
            _core.Life.RequireWritable();
            using GeneratedKey next = _core.Backend.Generate(key.Algorithm);
            added = _core.Life.Rotate(key, next);
            scope.Became(added);
            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return added;
    }

    /// <inheritdoc/>
    public void Disable(KeyId key) => Change(KmsOperationKind.Disable, key, id => _core.Life.Change(id, CustodyOp.Disable));

    /// <inheritdoc/>
    public void Enable(KeyId key) => Change(KmsOperationKind.Enable, key, id => _core.Life.Change(id, CustodyOp.Enable));

    /// <inheritdoc/>
    public void Destroy(KeyId key) => Change(KmsOperationKind.Destroy, key, id => _core.Life.Change(id, CustodyOp.Destroy));

    /// <inheritdoc/>
    public void DestroyAllVersions(KeyId key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _core.RequireWriter();
        _core.DestroyAll(key, _caller, _correlationId);
    }

    private static KeyId NewId(string tenant, string purpose, KeyAlgorithm algorithm)
    {
        ArgumentNullException.ThrowIfNull(tenant);
        ArgumentNullException.ThrowIfNull(purpose);
        ArgumentNullException.ThrowIfNull(algorithm);
        RequireLabel(tenant, nameof(tenant));
        RequireLabel(purpose, nameof(purpose));
        if (KeyId.IsReservedPurpose(purpose))
        {
            throw new ArgumentException("Purposes that begin with 'ronkms.' are the library's own.", nameof(purpose));
        }

        return new KeyId(tenant, purpose, algorithm, RandomUuid.Next(), 1);
    }

    private static void RequireLabel(string text, string name)
    {
        if (!KeyId.IsLabel(text))
        {
            throw new ArgumentException($"A {name} has 1 to 64 of A-Z a-z 0-9 . _ -.", name);
        }
    }

    /// <summary>Makes one of the library's own keys, or its next version.</summary>
    private KeyId CreateOwnKey(string purpose, KeyAlgorithm algorithm)
    {
        _core.RequireWriter();
        if (FindCurrent(KeyId.OwnTenant, purpose) is { } current && ReferenceEquals(current.Algorithm, algorithm))
        {
            return Rotate(current.Latest);
        }

        KeyId id = new(KeyId.OwnTenant, purpose, algorithm, RandomUuid.Next(), 1);
        return Add(KmsOperationKind.Create, id, null, [], _ => _core.Backend.Generate(algorithm));
    }

    private GeneratedKey ImportSecret(KeyAlgorithm algorithm, ReadOnlySpan<byte> secret) =>
        _core.Backend.Import(algorithm, secret) ?? throw ImportRefusal.Of(algorithm, secret);

    /// <summary>Adds a key that is made, or taken out of what the caller gave, once the guards have allowed it: of that nothing is copied before.</summary>
    private KeyId Add(
        KmsOperationKind kind, KeyId id, KeyCreationOptions? options, ReadOnlySpan<byte> given, Func<ReadOnlySpan<byte>, GeneratedKey> make)
    {
        _core.RequireWriter();
        long notAfterMs = KeyLife.TimeMs(options?.NotAfter, "not-after");
        long purgeAtMs = _core.PurgeTimeOf(options);
        KeyValuePair<string, string>[] labels = KeyLabels.Check(options?.Labels);
        _core.Life.RequireLater(notAfterMs, "not-after");
        _core.Life.RequireLater(purgeAtMs, "purge");
        OperationScope scope = Begin(kind, id);
        try
        {
            // A key that could not be used afterwards is not made.
            PqModes.RequireAllowed(_core.Options.PqMode, id.Algorithm);
            scope.Enter(id);
            _core.Life.RequireWritable();
            using GeneratedKey key = make(given);
            _core.Life.Add(kind == KmsOperationKind.Import ? CustodyOp.Import : CustodyOp.Create, id, key, notAfterMs, labels, purgeAtMs);
            _core.SchedulePurge(id, purgeAtMs);
            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return id;
    }

    private void Change(KmsOperationKind kind, KeyId key, Action<KeyId> change)
    {
        ArgumentNullException.ThrowIfNull(key);
        RequireConcrete(key, "name the version");
        _core.RequireWriter();
        OperationScope scope = Begin(kind, key);
        try
        {
            scope.Enter(KeyRules.Resolve(_core.Journal.Directory, key).Version.Id);
            change(key);
            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
    }
}
