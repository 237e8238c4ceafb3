using Xunit;

namespace RonKms.Testing.Keystores;

/// <content>Versions, time and states.</content>
public abstract partial class KeystoreContract
{
    [Theory]
    [MemberData(nameof(FamilyNames))]
    public void Every_answer_names_a_concrete_version(string algorithm)
    {
        KeyId made = Keystore.Create("acme", "named", Known(algorithm));
        KeyId rotated = Keystore.Rotate(made.Latest);

        Assert.Equal(1u, made.Version);
        Assert.Equal(2u, rotated.Version);
        Assert.Equal(rotated, Keystore.Get(made.Latest).Id);
        Assert.Equal(rotated, Keystore.FindCurrent("acme", "named"));
        Assert.Equal(rotated, Keystore.Attest(made.Latest).Key);
        Assert.All(Keystore.List(new KeyFilter { AllVersions = true }), info => Assert.False(info.Id.IsLatest));
        Assert.Equal(rotated, UsedBy(made.Latest));
    }

    [Fact]
    public void Latest_is_taken_only_where_the_answer_names_the_version()
    {
        KeyId signing = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId kem = Keystore.Create("acme", "p", KeyAlgorithm.X25519);
        KeyId mac = Keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);

        Assert.Throws<ArgumentException>(() => Keystore.Sign(signing.Latest, "m"u8));
        Assert.Throws<ArgumentException>(() => Keystore.Verify(signing.Latest, "m"u8, new byte[64]));
        Assert.Throws<ArgumentException>(() => Keystore.VerifyBatch(new[] { new VerifyItem(signing.Latest, "m"u8.ToArray(), new byte[64]) }, new bool[1]));
        Assert.Throws<ArgumentException>(() => Keystore.VerifyMac(mac.Latest, "m"u8, new byte[32]));
        Assert.Throws<ArgumentException>(() => Keystore.Decapsulate(kem.Latest, new byte[32]));
        Assert.Throws<ArgumentException>(() => Keystore.Disable(signing.Latest));
        Assert.Throws<ArgumentException>(() => Keystore.Enable(signing.Latest));
        Assert.Throws<ArgumentException>(() => Keystore.Destroy(signing.Latest));
        Assert.Equal(KeyState.Enabled, Keystore.Get(signing).State);
    }

    [Fact]
    public void Rotation_of_a_named_version_happens_once()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId second = Keystore.Rotate(first);

        Refused(KmsError.NotLatestVersion, () => Keystore.Rotate(first));
        Assert.Equal(first.Latest, second.Latest);
        Assert.Equal(2u, Keystore.Get(first).LatestVersion);
    }

    [Fact]
    public void Rotation_of_latest_happens_as_often_as_it_is_asked_for()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Equal(2u, Keystore.Rotate(first.Latest).Version);
        Assert.Equal(3u, Keystore.Rotate(first.Latest).Version);
    }

    [Fact]
    public void Rotation_makes_another_public_key_and_keeps_the_old_one()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        byte[] before = Keystore.GetPublicKey(first).Raw.ToArray();
        KeyId second = Keystore.Rotate(first);

        Assert.NotEqual(before, Keystore.GetPublicKey(second).Raw.ToArray());
        Assert.Equal(before, Keystore.GetPublicKey(first).Raw.ToArray());
    }

    [Fact]
    public void Rotation_keeps_lifetime_and_labels()
    {
        Dictionary<string, string> labels = new() { ["team"] = "paints", ["colour"] = "grün" };
        DateTimeOffset made = Time.GetUtcNow();
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { NotAfter = made + TriedKey.Lifetime, Labels = labels });
        Time.Advance(TimeSpan.FromMinutes(20));

        KeyId second = Keystore.Rotate(first);

        KeyInfo info = Keystore.Get(second);
        Assert.Equal(made + TimeSpan.FromMinutes(20), info.CreatedAt);
        Assert.Equal(info.CreatedAt + TriedKey.Lifetime, info.NotAfter);
        Assert.Equal(labels.OrderBy(label => label.Key), info.Labels.OrderBy(label => label.Key));
        Assert.Equal(made + TriedKey.Lifetime, Keystore.Get(first).NotAfter);
        Assert.False(info.IsImported);
    }

    [Fact]
    public void A_version_without_an_end_rotates_into_one_without_an_end() =>
        Assert.Null(Keystore.Get(Keystore.Rotate(Keystore.Create("acme", "p", KeyAlgorithm.Ed25519))).NotAfter);

    [Fact]
    public void A_key_whose_latest_version_is_destroyed_rotates_while_another_is_left()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId second = Keystore.Rotate(first);
        Keystore.Destroy(second);

        Refused(KmsError.KeyDestroyed, () => Keystore.Sign(first.Latest, "m"u8, out _));
        Assert.Equal(3u, Keystore.Rotate(second).Version);
        Keystore.DestroyAllVersions(first);
        Refused(KmsError.KeyDestroyed, () => Keystore.Rotate(first.Latest));
    }

    [Fact]
    public void A_version_expires_at_the_millisecond_of_not_after()
    {
        DateTimeOffset end = Time.GetUtcNow() + TriedKey.Lifetime;
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { NotAfter = end });

        Time.Advance(TriedKey.Lifetime - TimeSpan.FromMilliseconds(1));
        Keystore.Sign(key, "m"u8);
        Assert.False(Keystore.Get(key).IsExpired);
        Assert.Equal(key, Keystore.FindCurrent("acme", "p"));

        Time.Advance(TimeSpan.FromMilliseconds(1));
        Refused(KmsError.Expired, () => Keystore.Sign(key, "m"u8));
        Assert.True(Keystore.Get(key).IsExpired);
        Assert.Equal(KeyState.Enabled, Keystore.Get(key).State);
        Assert.Null(Keystore.FindCurrent("acme", "p"));
    }

    [Fact]
    public void Setting_the_clock_back_before_the_last_line_revives_nothing()
    {
        DateTimeOffset start = Time.GetUtcNow();
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { NotAfter = start + TriedKey.Lifetime });
        Time.Advance(TriedKey.Lifetime);
        Refused(KmsError.Expired, () => Keystore.Sign(key, "m"u8));
        Keystore.Create("acme", "other", KeyAlgorithm.Ed25519);

        Time.SetUtcNow(start);

        Refused(KmsError.Expired, () => Keystore.Sign(key, "m"u8));
        Assert.True(Keystore.Get(key).IsExpired);
        Assert.Null(Keystore.FindCurrent("acme", "p"));
    }

    [Fact]
    public void A_key_made_while_the_clock_is_behind_is_not_older_than_the_last_one()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        DateTimeOffset made = Keystore.Get(first).CreatedAt;
        Time.SetUtcNow(made - TimeSpan.FromDays(400));

        KeyId second = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Equal(made, Keystore.Get(second).CreatedAt);
        Assert.Throws<ArgumentException>(() => Keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { NotAfter = made }));
    }

    [Fact]
    public void A_disabled_version_comes_back_and_a_destroyed_one_does_not()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        Keystore.Disable(key);
        Keystore.Disable(key);
        Assert.Equal(KeyState.Disabled, Keystore.Get(key).State);
        Assert.Null(Keystore.FindCurrent("acme", "p"));

        Keystore.Enable(key);
        Keystore.Enable(key);
        Keystore.Sign(key, "m"u8);

        Keystore.Destroy(key);
        Keystore.Destroy(key);
        Assert.Equal(KeyState.Destroyed, Keystore.Get(key).State);
        Refused(KmsError.KeyDestroyed, () => Keystore.Enable(key));
        Refused(KmsError.KeyDestroyed, () => Keystore.Disable(key));
    }

    [Fact]
    public void A_state_is_that_of_one_version()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = Keystore.Wrap(first, "m"u8);
        KeyId second = Keystore.Rotate(first);

        Keystore.Disable(second);
        Keystore.Unwrap(first, envelope).Dispose();
        Refused(KmsError.KeyDisabled, () => Keystore.Wrap(first.Latest, "m"u8));

        Keystore.Enable(second);
        Keystore.Destroy(first);
        Keystore.Wrap(second, "m"u8);
        Refused(KmsError.KeyDestroyed, () => Keystore.Unwrap(second, envelope));
    }

    [Fact]
    public void A_change_that_changes_nothing_writes_nothing()
    {
        KeyId key = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        long head = Keystore.CheckHealth().HeadSeq;

        Keystore.Enable(key);
        Assert.Equal(head, Keystore.CheckHealth().HeadSeq);

        Keystore.DestroyAllVersions(key);
        Keystore.DestroyAllVersions(key.Latest);
        Keystore.Destroy(key);
        Assert.Equal(head + 1, Keystore.CheckHealth().HeadSeq);
    }

    [Fact]
    public void Destroying_all_versions_leaves_none_and_still_verifies()
    {
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        byte[] bySigner1 = Keystore.Sign(first, "m"u8);
        KeyId second = Keystore.Rotate(first);
        byte[] bySigner2 = Keystore.Sign(second, "m"u8);

        Keystore.DestroyAllVersions(first.Latest);

        Assert.All(Keystore.List(new KeyFilter { AllVersions = true }), info => Assert.Equal(KeyState.Destroyed, info.State));
        Assert.True(Keystore.Verify(first, "m"u8, bySigner1));
        Assert.True(Keystore.Verify(second, "m"u8, bySigner2));
        Assert.False(Keystore.Verify(second, "m"u8, bySigner1));
    }

    [Fact]
    public void The_key_made_last_is_the_current_one_of_its_purpose()
    {
        Assert.Null(Keystore.FindCurrent("acme", "p"));
        KeyId first = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId second = Keystore.Create("acme", "p", KeyAlgorithm.P256);
        Keystore.Create("acme", "q", KeyAlgorithm.Ed25519);
        Keystore.Create("other", "p", KeyAlgorithm.Ed25519);
        Assert.Equal(second, Keystore.FindCurrent("acme", "p"));

        Keystore.Disable(second);
        Assert.Equal(first, Keystore.FindCurrent("acme", "p"));

        Keystore.Destroy(first);
        Assert.Null(Keystore.FindCurrent("acme", "p"));
    }

    [Fact]
    public void Lists_are_in_the_order_of_making_and_filtered_by_everything_asked_for()
    {
        Dictionary<string, string> labels = new() { ["team"] = "paints", ["colour"] = "red" };
        KeyId a = Keystore.Create("acme", "p", KeyAlgorithm.Ed25519, new() { Labels = labels });
        KeyId b = Keystore.Create("acme", "q", KeyAlgorithm.Aes256Gcm, new() { Labels = new Dictionary<string, string> { ["team"] = "paints" } });
        KeyId c = Keystore.Create("other", "p", KeyAlgorithm.Ed25519);
        KeyId a2 = Keystore.Rotate(a);
        Keystore.Disable(c);

        Assert.Equal([a2, b, c], Ids(null));
        Assert.Equal([a, a2, b, c], Ids(new() { AllVersions = true }));
        Assert.Equal([a2, b], Ids(new() { Tenant = "acme" }));
        Assert.Equal([a2, c], Ids(new() { Purpose = "p" }));
        Assert.Equal([b], Ids(new() { Algorithm = KeyAlgorithm.Aes256Gcm }));
        Assert.Equal([c], Ids(new() { State = KeyState.Disabled }));
        Assert.Equal([a2, b], Ids(new() { Labels = new Dictionary<string, string> { ["team"] = "paints" } }));
        Assert.Equal([a2], Ids(new() { Labels = labels }));
        Assert.Empty(Ids(new() { Labels = new Dictionary<string, string> { ["team"] = "inks" } }));
        Assert.Empty(Ids(new() { Tenant = "acme", State = KeyState.Disabled }));
    }

    private KeyId[] Ids(KeyFilter? filter) => [.. Keystore.List(filter).Select(info => info.Id)];

    /// <summary>Uses a key as <c>#latest</c>, and says which version did it.</summary>
    private KeyId UsedBy(KeyId latest)
    {
        KeyId usedBy;
        switch (latest.Algorithm.Use)
        {
            case KeyUse.Sign:
                byte[] signature = Keystore.Sign(latest, "m"u8, out usedBy);
                Assert.True(Keystore.Verify(usedBy, "m"u8, signature));
                return usedBy;
            case KeyUse.Encapsulate:
                Keystore.Encapsulate(latest, out usedBy).Dispose();
                return usedBy;
            case KeyUse.Mac:
                Keystore.ComputeMac(latest, "m"u8, out usedBy);
                return usedBy;
            default:
                byte[] envelope = Keystore.Wrap(latest, "m"u8);
                Assert.Equal(latest.Uuid, new Guid(envelope.AsSpan(1, 16), bigEndian: true));
                uint version = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(envelope.AsSpan(17));
                return Keystore.List(new KeyFilter { AllVersions = true }).Single(info => info.Id.Version == version && info.Id.Uuid == latest.Uuid).Id;
        }
    }
}
