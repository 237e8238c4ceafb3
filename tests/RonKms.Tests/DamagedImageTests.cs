using System.Text;
using RonKms.Sealing;
using RonKms.Tests.Custody;

namespace RonKms.Tests;

/// <summary>Every bit of a description and of a record, opened with the public API from memory.</summary>
public sealed class DamagedImageTests : IDisposable
{
    private readonly byte[] _kek = new byte[32];
    private readonly ImageStore _image = new();
    private readonly KeyId _signing;
    private readonly KeyId _wrapping;

    public DamagedImageTests()
    {
        using Keystore keys = Keystore.OpenOrCreate(_image, Kek());
        _signing = keys.Create("acme", "signing", KeyAlgorithm.Ed25519);
        _wrapping = keys.Create("acme", "wrapping", KeyAlgorithm.Aes256Gcm);
    }

    public void Dispose() => _image.Dispose();

    [Fact]
    public void A_description_with_a_flipped_bit_is_damaged()
    {
        byte[] description = _image.Description!;

        // The one byte that says which format it is: a store of another format may be summed in another way, too.
        int formatDigit = Encoding.UTF8.GetString(description).IndexOf("ronk-store/1", StringComparison.Ordinal) + "ronk-store/".Length;
        for (int bit = 0; bit < description.Length * 8; bit++)
        {
            byte[] changed = [.. description];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            KmsError refusal = Refusal(changed);
            Assert.True(refusal == KmsError.SealedCorrupt || (bit / 8 == formatDigit && refusal == KmsError.NewerFormat), $"bit {bit}: {refusal}");
        }
    }

    [Fact]
    public void A_description_that_was_cut_or_that_goes_on_is_damaged()
    {
        byte[] description = _image.Description!;
        for (int length = 0; length < description.Length; length++)
        {
            Assert.Equal(KmsError.SealedCorrupt, Refusal(description[..length]));
        }

        Assert.Equal(KmsError.SealedCorrupt, Refusal([.. description, (byte)'\n']));
        Assert.Equal(KmsError.SealedCorrupt, Refusal([.. description, .. description]));
        Assert.Equal(KmsError.SealedCorrupt, Refusal(new byte[description.Length]));
    }

    [Fact]
    public void Another_key_encryption_key_is_told_from_damage()
    {
        using ImageStore image = _image.Copy();
        Assert.Equal(KmsError.WrongKek, Assert.Throws<KmsException>(() => Keystore.Open(image, KeyEncryptionKey.Ephemeral())).Error);
        Assert.Null(image.Settlement);
    }

    [Fact]
    public void A_record_with_a_flipped_bit_takes_its_own_version_out_and_no_other()
    {
        byte[] record = _image.Records[(_signing.Uuid, 1)];
        for (int bit = 0; bit < record.Length * 8; bit++)
        {
            byte[] changed = [.. record];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            OnlySigningIsDamaged(changed);
        }
    }

    [Fact]
    public void So_does_one_that_was_cut_or_goes_on_or_is_another_keys()
    {
        byte[] record = _image.Records[(_signing.Uuid, 1)];
        for (int length = 0; length < record.Length; length++)
        {
            OnlySigningIsDamaged(record[..length]);
        }

        OnlySigningIsDamaged([.. record, 0]);
        OnlySigningIsDamaged(_image.Records[(_wrapping.Uuid, 1)]);
    }

    private static KmsError ErrorOf(Action use) => Assert.Throws<KmsException>(use).Error;

    private KeyEncryptionKey Kek() => KeyEncryptionKey.FromBytes(_kek);

    private KmsError Refusal(byte[] description)
    {
        using ImageStore image = _image.Copy();
        image.Description = description;
        KmsError error = ErrorOf(() => Keystore.Open(image, Kek()));
        Assert.Null(image.Settlement);
        return error;
    }

    private void OnlySigningIsDamaged(byte[] record)
    {
        using ImageStore image = _image.Copy();
        image.Records[(_signing.Uuid, 1)] = record;
        using Keystore keys = Keystore.Open(image, Kek());
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.Sign(_signing, "message"u8)));
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.GetPublicKey(_signing)));
        Assert.Equal(KmsError.SealedCorrupt, ErrorOf(() => keys.Verify(_signing, "message"u8, new byte[64])));
        Assert.Equal(2, keys.List().Count);
        using SecretBytes plaintext = keys.Unwrap(_wrapping, keys.Wrap(_wrapping, "message"u8));
        Assert.Equal("message"u8, plaintext.Reveal());
        Assert.Equal(record, image.Records[(_signing.Uuid, 1)]);
    }
}
