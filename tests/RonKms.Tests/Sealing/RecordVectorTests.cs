using System.Buffers.Binary;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Custody;
using RonKms.Diagnostics;
using RonKms.Sealing;
using RonKms.Tests.Custody;

namespace RonKms.Tests.Sealing;

public sealed class RecordVectorTests
{
    private const int NotAfterOffset = 16;
    private const int HandleKind = 1;

    [Fact]
    public void Sealed_records_open_and_every_field_is_the_vectors() => OwnVectors.Read("records.json").Each("cases", 17, test =>
    {
        using StoreKey storeKey = test.StoreKey();
        KeyId id = Id(test);
        byte[] record = test.Hex("record");

        Assert.True(RonkCodec.TryDecode(record, out RonkHeader header));
        Assert.Equal(test.Number("alg_id"), header.Algorithm.Id);
        Assert.Same(id.Algorithm, header.Algorithm);
        Assert.Equal(test.Long("created_at"), header.CreatedAtMs);
        Assert.Equal(test.Long("not_after"), header.NotAfterMs);
        Assert.Equal(id.Uuid, header.Key);
        Assert.Equal(test.Hex("public"), header.PublicKey.ToArray());
        Assert.Equal(test.Hex("nonce"), header.Nonce.ToArray());
        Assert.Equal(test.Hex("header"), record[..header.Size]);
        Assert.Equal(test.Text("record_sha256"), Digest.Of(record).ToString());
        Assert.Equal(test.GetProperty("public_sha256").GetString(), id.Algorithm.IsAsymmetric ? Digest.Of(header.PublicKey).ToString() : null);

        byte[] recordKey = new byte[32];
        storeKey.DeriveRecordKey(id.Uuid, header.Nonce, recordKey);
        Assert.Equal(test.Hex("record_key"), recordKey);

        using SecretBytes? plaintext = new Sealer(storeKey).Open(record, id);
        Assert.NotNull(plaintext);
        Assert.Equal(test.Hex("body"), plaintext.Reveal().ToArray());
        Assert.True(RecordBody.TryDecode(plaintext.Reveal(), id, out RecordBody body));
        Assert.Equal(test.Number("kind"), (int)body.Kind);
        Assert.Equal(test.Hex("secret"), body.Secret.ToArray());
    });

    [Fact]
    public void What_is_left_of_a_destroyed_version_reads_as_the_header_it_was() => OwnVectors.Read("records.json").Each("cases", 17, test =>
    {
        byte[] remains = test.Hex("header");
        Assert.True(RonkCodec.TryDecode(remains, out RonkHeader header));
        Assert.Equal(remains.Length, header.Size);
        byte[] encoded = new byte[header.Size];
        RonkCodec.Encode(header, encoded);
        Assert.Equal(remains, encoded);
        for (int length = 0; length < remains.Length; length++)
        {
            Assert.False(RonkCodec.TryDecode(remains.AsSpan(0, length), out _));
        }
    });

    [Fact]
    public void Sealing_gives_the_bytes_of_the_vectors() => OwnVectors.Read("records.json").Each("cases", 17, test =>
    {
        using StoreKey storeKey = test.StoreKey();
        RecordBody body = new(Id(test), (RecordKind)test.Number("kind"), test.Hex("secret"));
        byte[] encoded = new byte[body.Size];
        body.Encode(encoded);
        Assert.Equal(test.Hex("body"), encoded);
        Assert.Equal(
            test.Text("record"),
            Convert.ToHexStringLower(new Sealer(storeKey).Seal(body, test.Hex("public"), test.Long("created_at"), test.Long("not_after"), test.Hex("nonce"))));
    });

    [Fact]
    public void Opening_a_key_takes_the_records_of_the_vectors() => OwnVectors.Read("records.json").Each("cases", 17, test =>
    {
        byte[] record = test.Hex("record");
        if (test.Number("kind") == HandleKind)
        {
            // A handle is another backend's: nothing in this process can open it.
            Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => Open(test, Id(test), record)).Error);
            return;
        }

        Open(test, Id(test), record);
    });

    [Fact]
    public void Opening_a_key_refuses_what_the_vectors_refuse() => OwnVectors.Read("records.json").Each("refused", 111, test =>
    {
        Assert.Equal("SealedCorrupt", test.Text("expect"));
        KeyId asked = Id(test.GetProperty("asked"));
        Assert.Equal(KmsError.SealedCorrupt, Assert.Throws<KmsException>(() => Open(test, asked, test.Hex("record"))).Error);
    });

    private static KeyId Id(JsonElement test)
    {
        KeyId id = KeyId.Parse(test.Text("key_id"));
        Assert.Equal(
            (test.Text("tenant"), test.Text("purpose"), test.Text("alg"), test.Uuid("uuid"), test.GetProperty("version").GetUInt32()),
            (id.Tenant, id.Purpose, id.Algorithm.Name, id.Uuid, id.Version));
        return id;
    }

    /// <summary>Opens a record as a keystore does. The journal vouches for these very bytes and says nothing of a public key, so that only the
    /// record's own rules can refuse it.</summary>
    private static void Open(JsonElement test, KeyId id, byte[] record)
    {
        using StoreKey storeKey = test.StoreKey();
        using ImageStore store = new();
        store.Records[(id.Uuid, id.Version)] = record;
        KeyVersion version = new(new CustodyEvent
        {
            Op = CustodyOp.Create,
            Key = id,
            NotAfterMs = record.Length < NotAfterOffset + 8 ? 0 : BinaryPrimitives.ReadInt64BigEndian(record.AsSpan(NotAfterOffset)),
            Record = Digest.Of(record),
        });
        using KmsTelemetry telemetry = new(null, enabled: false, () => []);
        using OpenedKeys opened = new(
            new RecordReader(store, new GenerationGate(), () => { }), new Sealer(storeKey), new SoftwareBackend(AlgorithmCatalog.Classical), telemetry, limit: 1, idleWipe: null, TimeProvider.System);
        opened.Enter<OpenedKey>(version).Dispose();
    }
}
