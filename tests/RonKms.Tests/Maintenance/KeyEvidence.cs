namespace RonKms.Tests.Maintenance;

/// <summary>Keys in every state, and what each made while it could: that must hold whatever becomes of the store as a whole.</summary>
internal sealed class KeyEvidence
{
    private static readonly byte[] s_message = "signed, wrapped and authenticated before"u8.ToArray();

    private readonly Dictionary<KeyId, byte[]> _made = [];
    private readonly List<string> _known;

    /// <summary>Makes keys of a few families: older versions, a disabled one, a destroyed one, one with labels and an end.</summary>
    internal KeyEvidence(Keystore keys, DateTimeOffset now)
    {
        Signing = keys.Create("acme", "signing", KeyAlgorithm.Ed25519, new KeyCreationOptions { NotAfter = now.AddYears(1), Labels = new Dictionary<string, string> { ["owner"] = "release" } });
        Make(keys, Signing);
        Signing = keys.Rotate(Signing);
        Make(keys, Signing);
        Wrapping = keys.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
        Make(keys, Wrapping);
        Wrapping = keys.Rotate(Wrapping);
        Make(keys, Wrapping);
        Disabled = keys.Import("acme", "codes", KeyAlgorithm.HmacSha256, new byte[32]);
        Make(keys, Disabled);
        keys.Disable(Disabled);
        Destroyed = keys.Create("acme", "old", KeyAlgorithm.Ed25519);
        Make(keys, Destroyed);
        keys.Destroy(Destroyed);
        _known = Describe(keys, []);
    }

    internal KeyId Signing { get; }

    internal KeyId Wrapping { get; }

    internal KeyId Disabled { get; }

    internal KeyId Destroyed { get; }

    /// <summary>How many key versions there are.</summary>
    internal int Count => _made.Count;

    /// <summary>Checks that every key is what it was and what it made still holds, and that besides there are the later ones given and no others.</summary>
    internal void Check(Keystore keys, params IReadOnlyCollection<KeyId> later)
    {
        Assert.Equal(_known.Count + later.Count, keys.List(new KeyFilter { AllVersions = true }).Count);
        Assert.Equal(_known, Describe(keys, later));
        foreach ((KeyId id, byte[] made) in _made)
        {
            switch (id.Algorithm.Use)
            {
                case KeyUse.Sign:
                    Assert.True(keys.Verify(id, s_message, made));
                    break;
                case KeyUse.Wrap:
                    using (SecretBytes plaintext = keys.Unwrap(id, made)) Assert.Equal(s_message, plaintext.Reveal().ToArray());
                    break;
                default:
                    Assert.Equal(KmsError.KeyDisabled, Assert.Throws<KmsException>(() => keys.VerifyMac(id, s_message, made)).Error);
                    break;
            }
        }

        Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => keys.Sign(Destroyed, s_message)).Error);
        Assert.True(keys.Verify(Signing, s_message, keys.Sign(Signing, s_message)));
        using SecretBytes unwrapped = keys.Unwrap(Wrapping, keys.Wrap(Wrapping, s_message));
        Assert.Equal(s_message, unwrapped.Reveal().ToArray());
    }

    /// <summary>Checks that a disabled key works again once it is enabled: its secret is the same.</summary>
    internal void CheckDisabledKey(Keystore keys)
    {
        keys.Enable(Disabled);
        Assert.True(keys.VerifyMac(Disabled, s_message, _made[Disabled]));
    }

    // When a destroyed version was made is forgotten in a later generation.
    private static List<string> Describe(Keystore keys, IReadOnlyCollection<KeyId> without) =>
    [
        .. keys.List(new KeyFilter { AllVersions = true })
            .Where(info => !without.Contains(info.Id))
            .Select(info => $"{info.Id} {info.State} {info.IsLatest} {(info.State == KeyState.Destroyed ? null : info.CreatedAt):O} {info.NotAfter:O} "
                + string.Join(',', info.Labels) + (info.Id.Algorithm.IsAsymmetric ? Convert.ToHexString(keys.GetPublicKey(info.Id).Raw.Span) : "")),
    ];

    private void Make(Keystore keys, KeyId id) => _made[id] = id.Algorithm.Use switch
    {
        KeyUse.Sign => keys.Sign(id, s_message),
        KeyUse.Wrap => keys.Wrap(id, s_message),
        _ => keys.ComputeMac(id, s_message, out _),
    };
}
