using FsCheck;
using FsCheck.Fluent;
using RonKms.Sealing;
using RonKms.Tests.Memory;

namespace RonKms.Tests.Sealing;

public sealed class RecordTests
{
    private static readonly Gen<byte> s_byte = Gen.Choose(0, 255).Select(b => (byte)b);

    private static readonly Gen<Sealed> s_records =
        from tenant in Label()
        from purpose in Label()
        from algorithm in Gen.Elements(KeyAlgorithm.All.ToArray())
        from uuid in Gen.ArrayOf(s_byte, 16)
        from version in Gen.OneOf(Gen.Constant(1u), Gen.Constant(uint.MaxValue), Gen.Choose(1, int.MaxValue).Select(v => (uint)v))
        from kind in Gen.Elements(RecordKind.Secret, RecordKind.Handle)
        from createdAt in Time()
        from expires in Gen.Elements(true, false)
        from secret in Gen.ArrayOf(s_byte)
        from publicKey in Gen.ArrayOf(s_byte, algorithm.PublicKeySize)
        let notAfter = expires && createdAt < RonkCodec.MaxTimeMs ? createdAt + 1 + ((RonkCodec.MaxTimeMs - createdAt - 1) / (version % 7 + 1)) : 0
        select new Sealed(new KeyId(tenant, purpose, algorithm, new Guid(uuid, bigEndian: true), version), kind, createdAt, notAfter, secret, publicKey);

    [Fact]
    public void What_is_sealed_opens_to_the_same() => Prop.ForAll(s_records.ToArbitrary(), expected =>
    {
        using StoreKey storeKey = StoreKey.Generate();
        byte[] record = expected.Seal(storeKey);
        Assert.True(RonkCodec.TryDecode(record, out RonkHeader header));
        Assert.Same(expected.Id.Algorithm, header.Algorithm);
        Assert.Equal((expected.CreatedAt, expected.NotAfter, expected.Id.Uuid), (header.CreatedAtMs, header.NotAfterMs, header.Key));
        Assert.Equal(expected.PublicKey, header.PublicKey.ToArray());
        byte[] encoded = new byte[header.Size];
        RonkCodec.Encode(header, encoded);
        Assert.Equal(record[..header.Size], encoded);
        using SecretBytes? plaintext = new Sealer(storeKey).Open(record, expected.Id);
        Assert.True(RecordBody.TryDecode(plaintext!.Reveal(), expected.Id, out RecordBody body));
        Assert.Equal(expected.Kind, body.Kind);
        Assert.Equal(expected.Secret, body.Secret.ToArray());

        // Sealed again, it has another nonce and another key.
        Assert.NotEqual(record, expected.Seal(storeKey));
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300));

    [Fact]
    public void A_record_opens_for_no_other_name_and_no_other_store() => Prop.ForAll(s_records.ToArbitrary(), expected =>
    {
        using StoreKey storeKey = StoreKey.Generate();
        using StoreKey other = StoreKey.Generate();
        using StoreKey sameKeyOtherStore = new(other.StoreId, SecretBytes.CopyOf(storeKey.Reveal()));
        byte[] record = expected.Seal(storeKey);
        KeyId id = expected.Id;
        Assert.False(Opens(other, record, id));
        Assert.False(Opens(sameKeyOtherStore, record, id));
        Assert.False(Opens(storeKey, record, id.WithVersion(id.Version == 1 ? 2u : 1u)));
        Assert.False(Opens(storeKey, record, new KeyId(id.Tenant + "x", id.Purpose, id.Algorithm, id.Uuid, id.Version)));
        Assert.False(Opens(storeKey, record, new KeyId(id.Tenant, "x" + id.Purpose, id.Algorithm, id.Uuid, id.Version)));
        Assert.False(Opens(storeKey, record, new KeyId(id.Tenant, id.Purpose, id.Algorithm, Guid.NewGuid(), id.Version)));
        foreach (KeyAlgorithm algorithm in KeyAlgorithm.All.Where(algorithm => algorithm != id.Algorithm))
        {
            Assert.False(Opens(storeKey, record, new KeyId(id.Tenant, id.Purpose, algorithm, id.Uuid, id.Version)));
        }
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(100));

    [Theory]
    [InlineData("ed25519", 32)]
    [InlineData("aes256gcm", 32)]
    [InlineData("rsa2048", 1218)]
    public void No_bit_can_be_flipped_and_no_byte_left_out_or_added(string algorithm, int secretSize)
    {
        KeyId id = new("acme", "signing", KeyAlgorithm.FindByName(algorithm)!, Guid.NewGuid(), 1);
        using StoreKey storeKey = StoreKey.Generate();
        byte[] record = new Sealed(id, RecordKind.Secret, 1, 0, new byte[secretSize], new byte[id.Algorithm.PublicKeySize]).Seal(storeKey);
        Assert.True(Opens(storeKey, record, id));
        byte[] changed = [.. record];
        for (int bit = 0; bit < record.Length * 8; bit++)
        {
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Opens(storeKey, changed, id), $"bit {bit}");
            changed[bit / 8] = record[bit / 8];
        }

        for (int length = 0; length < record.Length; length++)
        {
            Assert.False(Opens(storeKey, record.AsSpan(0, length), id), $"cut to {length}");
        }

        Assert.False(Opens(storeKey, [.. record, 0], id));
        Assert.True(Opens(storeKey, changed, id));
    }

    [Fact]
    public void Every_record_has_a_nonce_and_a_key_of_its_own()
    {
        using StoreKey storeKey = StoreKey.Generate();
        KeyId id = new("acme", "signing", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);
        Sealed one = new(id, RecordKind.Secret, 1, 0, new byte[32], new byte[32]);
        byte[][] nonces = [.. Enumerable.Range(0, 64).Select(_ => NonceOf(one.Seal(storeKey)))];
        byte[][] keys = [.. nonces.Select(nonce => RecordKey(id.Uuid, nonce)), RecordKey(Guid.NewGuid(), nonces[0])];

        Assert.All(Enumerable.Range(0, 8 * RonkHeader.NonceSize), bit => Assert.Equal(2, nonces.Select(nonce => nonce[bit / 8] >> (bit % 8) & 1).Distinct().Count()));
        Assert.Equal(keys.Length, keys.Select(Convert.ToHexString).Distinct().Count());

        static byte[] NonceOf(byte[] record) => RonkCodec.TryDecode(record, out RonkHeader header) ? header.Nonce.ToArray() : [];
        byte[] RecordKey(Guid key, byte[] nonce)
        {
            byte[] recordKey = new byte[32];
            storeKey.DeriveRecordKey(key, nonce, recordKey);
            return recordKey;
        }
    }

    [Fact]
    public void No_truncation_of_a_body_is_a_body()
    {
        KeyId id = new("acme", "signing", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);
        RecordBody body = new(id, RecordKind.Secret, new byte[32]);
        byte[] bytes = new byte[body.Size];
        body.Encode(bytes);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(RecordBody.TryDecode(bytes.AsSpan(0, length), id, out _));
        }

        Assert.False(RecordBody.TryDecode([.. bytes, 0], id, out _));
        Assert.True(RecordBody.TryDecode(bytes, id, out _));
    }

    [Fact]
    public void A_body_that_leaves_out_the_tenant_or_the_purpose_is_none()
    {
        KeyId id = new("acme", "signing", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);
        RecordBody body = new(id, RecordKind.Secret, new byte[32]);
        byte[] bytes = new byte[body.Size];
        body.Encode(bytes);
        int purpose = 6 + 1 + id.Tenant.Length, secret = purpose + 1 + id.Purpose.Length;

        Assert.False(RecordBody.TryDecode([.. bytes[..6], .. bytes[purpose..]], id, out _));
        Assert.False(RecordBody.TryDecode([.. bytes[..purpose], .. bytes[secret..]], id, out _));
    }

    [Fact]
    public void The_key_of_a_record_is_not_left_on_the_stack()
    {
        KeyId id = new("acme", "signing", KeyAlgorithm.Ed25519, Guid.NewGuid(), 1);
        using StoreKey storeKey = StoreKey.Generate();
        Sealer sealer = new(storeKey);
        byte[] nonce = new byte[RonkHeader.NonceSize];
        byte[] recordKey = new byte[32];
        byte[] record = [];
        storeKey.DeriveRecordKey(id.Uuid, nonce, recordKey);

        Assert.False(UsedStack.Holds(recordKey, () => record = sealer.Seal(new RecordBody(id, RecordKind.Secret, new byte[32]), new byte[32], 1, 0, nonce)));
        Assert.False(UsedStack.Holds(recordKey, () => sealer.Open(record, id)!.Dispose()));
    }

    private static bool Opens(StoreKey storeKey, ReadOnlySpan<byte> record, KeyId id)
    {
        using SecretBytes? plaintext = new Sealer(storeKey).Open(record, id);
        return plaintext is not null && RecordBody.TryDecode(plaintext.Reveal(), id, out _);
    }

    private static Gen<string> Label() =>
        from length in Gen.Frequency((3, Gen.Choose(1, 12)), (1, Gen.Constant(64)))
        from characters in Gen.ArrayOf(Gen.Elements("ABCxyz019._-".ToCharArray()), length)
        select new string(characters);

    private static Gen<long> Time() => Gen.OneOf(
        Gen.Constant(0L), Gen.Constant(RonkCodec.MaxTimeMs), Gen.Constant(RonkCodec.MaxTimeMs - 1), Gen.Choose(0, int.MaxValue).Select(seconds => seconds * 1000L));

    private sealed record Sealed(KeyId Id, RecordKind Kind, long CreatedAt, long NotAfter, byte[] Secret, byte[] PublicKey)
    {
        internal byte[] Seal(StoreKey storeKey) => new Sealer(storeKey).Seal(new RecordBody(Id, Kind, Secret), PublicKey, CreatedAt, NotAfter);
    }
}
