using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RonKms.Pkcs11.Interop;
using RonKms.Pkcs11.Tests.Modules;
using RonKms.Pkcs11.Tokens;
using RonKms.Sealing;

namespace RonKms.Pkcs11.Tests.Keys;

/// <summary>Where keys are, and that they go.</summary>
public sealed unsafe class TokenKeyTests : IDisposable
{
    private static readonly KeyAlgorithm[] s_inToken =
        [KeyAlgorithm.Ed25519, KeyAlgorithm.P256, KeyAlgorithm.Rsa2048, KeyAlgorithm.Rsa3072, KeyAlgorithm.Rsa4096, KeyAlgorithm.Aes256Gcm];

    private static nint s_before;

    private readonly ScratchDirectory _directory = new();
    private readonly Lazy<Pkcs11Token> _token = new(() => SoftHsm.Open());
    private readonly byte[] _kek = new byte[32];

    private Pkcs11Token Token => _token.Value;

    public void Dispose()
    {
        if (_token.IsValueCreated)
        {
            _token.Value.Dispose();
        }

        _directory.Dispose();
    }

    [Fact]
    public void Keys_are_in_the_token_where_it_has_the_mechanisms_and_in_software_otherwise()
    {
        using Keystore keystore = Open();
        foreach (KeyAlgorithm algorithm in s_inToken)
        {
            KeyInfo info = keystore.Get(keystore.Create("acme", "p", algorithm));
            Assert.Equal(("pkcs11", "pkcs11"), (info.Backend, info.Provider));
        }

        foreach (KeyAlgorithm algorithm in new[] { KeyAlgorithm.X25519, KeyAlgorithm.ChaCha20Poly1305, KeyAlgorithm.HmacSha256 })
        {
            KeyInfo info = keystore.Get(keystore.Create("acme", "p", algorithm));
            Assert.Equal("software", info.Backend);
            Assert.NotEqual("pkcs11", info.Provider);
        }

        Assert.Equal(s_inToken.Length + 5, CountObjects(Token));
    }

    [Fact]
    public void What_a_key_is_shows_after_reopening_disabling_and_no_more_after_destruction()
    {
        KeyId inToken;
        KeyId inSoftware;
        using (Keystore keystore = Open())
        {
            inToken = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            inSoftware = keystore.Create("acme", "p", KeyAlgorithm.X25519);
            keystore.Disable(inToken);
        }

        using (Keystore keystore = Open())
        {
            Assert.Equal("pkcs11", keystore.Get(inToken).Backend);
            Assert.Equal("software", keystore.Get(inSoftware).Backend);
            keystore.Destroy(inToken);
        }

        using (Keystore keystore = Open())
        {
            Assert.Equal("unknown", keystore.Get(inToken).Backend);
        }
    }

    [Fact]
    public void A_key_in_the_token_cannot_be_read_and_does_one_thing()
    {
        using Keystore keystore = Open();
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);

        Token.Connection.Do(0, (functions, session, _) =>
        {
            foreach ((uint objectClass, uint[] allowed) in new[] { (CK.CKO_PRIVATE_KEY, new[] { CK.CKA_SIGN }), (CK.CKO_SECRET_KEY, [CK.CKA_ENCRYPT]) })
            {
                using AttributeTemplate template = new();
                CULong key = Assert.Single(TokenObject.Find(functions, session, template.AddNumber(CK.CKA_CLASS, objectClass)));
                Assert.Equal(CKR.CKR_ATTRIBUTE_SENSITIVE, Assert.Throws<CryptokiException>(() => functions.C_GetAttributeValue(session, key, CK.CKA_VALUE, new byte[100])).Code);
                foreach (uint attribute in new[] { CK.CKA_SIGN, CK.CKA_DECRYPT, CK.CKA_UNWRAP, CK.CKA_DERIVE })
                {
                    Assert.Equal(allowed.Contains(attribute), TokenObject.Is(functions, session, key, attribute) && !(objectClass == CK.CKO_SECRET_KEY && attribute == CK.CKA_SIGN));
                }
            }

            return true;
        });
    }

    [Fact]
    public void Keys_work_after_reopening()
    {
        Dictionary<KeyId, byte[]> made = [];
        using (Keystore keystore = Open())
        {
            foreach (KeyAlgorithm algorithm in s_inToken)
            {
                KeyId key = keystore.Create("acme", "p", algorithm);
                made[key] = algorithm == KeyAlgorithm.Aes256Gcm ? keystore.Wrap(key, "m"u8) : keystore.Sign(key, "m"u8);
            }
        }

        using (Keystore keystore = Open())
        {
            foreach ((KeyId key, byte[] result) in made)
            {
                if (key.Algorithm == KeyAlgorithm.Aes256Gcm)
                {
                    using SecretBytes opened = keystore.Unwrap(key, result);
                    Assert.Equal("m"u8, opened.Reveal());
                }
                else
                {
                    Assert.True(keystore.Verify(key, "m"u8, result));
                    Assert.True(keystore.Verify(key, "n"u8, keystore.Sign(key, "n"u8)));
                }
            }
        }
    }

    [Fact]
    public void A_key_that_is_destroyed_is_gone_from_the_token()
    {
        using Keystore keystore = Open();
        KeyId first = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId second = keystore.Rotate(first);
        KeyId wrapping = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        byte[] signature = keystore.Sign(second, "m"u8);
        Assert.Equal(5, CountObjects(Token));

        keystore.Destroy(first);
        Assert.Equal(3, CountObjects(Token));
        keystore.DestroyAllVersions(wrapping);
        Assert.Equal(2, CountObjects(Token));
        keystore.DestroyAllVersions(second);

        Assert.Equal(0, CountObjects(Token));
        Assert.True(keystore.Verify(second, "m"u8, signature));
    }

    [Fact]
    public void A_destruction_that_the_token_did_not_take_part_in_is_finished_by_the_next_one()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        using (FailingToDestroy())
        {
            Assert.Equal(KmsError.TokenUnavailable, Assert.Throws<KmsException>(() => keystore.Destroy(key)).Error);
            Assert.Equal(KeyState.Destroyed, keystore.Get(key).State);
            Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8)).Error);
        }

        Assert.Equal(2, CountObjects(Token));
        keystore.Destroy(key);

        Assert.Equal(0, CountObjects(Token));
    }

    [Fact]
    public void A_destruction_that_was_cut_short_is_finished_by_the_next_opening()
    {
        KeyId key;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            using (FailingToDestroy())
            {
                Assert.Throws<KmsException>(() => keystore.Destroy(key));
            }
        }

        // An opening while the token fails leaves it for a later one.
        using (FailingToDestroy())
        using (Keystore keystore = Open())
        {
            Assert.Equal(KeyState.Destroyed, keystore.Get(key).State);
        }

        Assert.Equal(2, CountObjects(Token));
        using (Open())
        {
            Assert.Equal(0, CountObjects(Token));
        }

        Assert.Empty(Directory.GetFiles(_directory["store"], "*.ronk", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_destruction_that_was_cut_short_is_finished_before_the_store_is_resealed()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId kept = keystore.Create("acme", "p", KeyAlgorithm.P256);
        using (FailingToDestroy())
        {
            Assert.Throws<KmsException>(() => keystore.Destroy(key));
        }

        keystore.Reseal(KeyEncryptionKey.FromBytes(_kek), cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(2, CountObjects(Token));
        Assert.True(keystore.Verify(kept, "m"u8, keystore.Sign(kept, "m"u8)));
    }

    [Fact]
    public void A_key_that_was_refused_before_it_was_recorded_does_not_stay_in_the_token()
    {
        using Keystore keystore = Open(allowImport: true);
        byte[] seed = new byte[32];
        keystore.Import("acme", "p", KeyAlgorithm.Ed25519, seed);
        Assert.Equal(2, CountObjects(Token));

        Assert.Equal(KmsError.ImportRefused, Assert.Throws<KmsException>(() => keystore.Import("acme", "q", KeyAlgorithm.Ed25519, seed)).Error);

        Assert.Equal(2, CountObjects(Token));
    }

    [Fact]
    public void Import_is_refused_unless_it_is_allowed_and_then_told()
    {
        using (Keystore keystore = Open())
        {
            KmsException refusal = Assert.Throws<KmsException>(() => keystore.Import("acme", "p", KeyAlgorithm.Ed25519, new byte[32]));
            Assert.Equal(KmsError.ImportRefused, refusal.Error);
            Assert.Contains("allowImport", refusal.Message, StringComparison.Ordinal);
            Assert.Throws<KmsException>(() => keystore.Import("acme", "p", KeyAlgorithm.X25519, new byte[32]));
        }

        using (Keystore keystore = Open(allowImport: true))
        {
            KeyId key = keystore.Import("acme", "p", KeyAlgorithm.Ed25519, Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));

            // RFC 8032, section 7.1, TEST 1.
            Assert.Equal("D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A", Convert.ToHexString(keystore.GetPublicKey(key).Raw.Span));
            Assert.Equal(
                "E5564300C360AC729086E2CC806E828A84877F1EB8E5D974D873E065224901555FB8821590A33BACC61E39701CF9B46BD25BF5F0595BBE24655141438E7A100B",
                Convert.ToHexString(keystore.Sign(key, [])));
            Assert.True(keystore.Get(key).IsImported);
            Assert.Equal(("pkcs11", "0"), (keystore.Get(key).Backend, Custody(keystore, key).GetProperty("local").GetString()));
        }
    }

    [Fact]
    public void An_attestation_says_what_the_token_says_of_the_key()
    {
        using Keystore keystore = Open();
        KeyId inToken = keystore.Create("acme", "p", KeyAlgorithm.P256);
        KeyId inSoftware = keystore.Create("acme", "p", KeyAlgorithm.X25519);

        JsonElement custody = Custody(keystore, inToken);

        foreach ((string name, string value) in new[]
        {
            ("local", "1"), ("never_extractable", "1"), ("always_sensitive", "1"), ("sensitive", "1"), ("extractable", "0"),
            ("serial", Token.SerialNumber), ("token", Token.Label), ("model", "SoftHSM v2"), ("manufacturer", "SoftHSM project"),
        })
        {
            Assert.Equal(value, custody.GetProperty(name).GetString());
        }

        Assert.Equal(32, custody.GetProperty("id").GetString()!.Length);
        using JsonDocument software = JsonDocument.Parse(keystore.Attest(inSoftware).Json);
        Assert.Equal("software", software.RootElement.GetProperty("backend").GetString());
        Assert.False(software.RootElement.TryGetProperty("custody", out _));
    }

    [Fact]
    public void Without_the_token_its_keys_are_refused_and_the_others_work()
    {
        KeyId inToken;
        KeyId inSoftware;
        byte[] signature;
        using (Keystore keystore = Open())
        {
            inToken = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            inSoftware = keystore.Create("acme", "p", KeyAlgorithm.HmacSha256);
            signature = keystore.Sign(inToken, "m"u8);
        }

        using (Keystore keystore = Keystore.Open(_directory.Store, KeyEncryptionKey.FromBytes(_kek)))
        {
            // A list reads no records.
            Assert.Equal(["software", "software"], keystore.List().Select(info => info.Backend));
            Assert.Equal(("unknown", null), (keystore.Get(inToken).Backend, keystore.Get(inToken).Provider));
            Assert.Equal("software", keystore.Get(inSoftware).Backend);
            Assert.Equal(["software", "unknown"], keystore.List().Select(info => info.Backend).Order());
            using JsonDocument attestation = JsonDocument.Parse(keystore.Attest(inToken).Json);
            Assert.Equal("unknown", attestation.RootElement.GetProperty("backend").GetString());
            Assert.True(keystore.Verify(inToken, "m"u8, signature));

            // The next version would be made in this process, and not in the token.
            foreach (Action use in new Action[] { () => keystore.Sign(inToken, "m"u8), () => keystore.Rotate(inToken), () => keystore.Rotate(inToken.Latest) })
            {
                KmsException refusal = Assert.Throws<KmsException>(use);
                Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
                Assert.Contains("UsePkcs11", refusal.Message, StringComparison.Ordinal);
            }

            Assert.Equal(1u, keystore.Get(inToken).LatestVersion);
            keystore.ComputeMac(inSoftware, "m"u8, out _);
            Assert.Equal(2u, keystore.Rotate(inSoftware).Version);

            // Destroyed here, it would be left in the token for ever.
            Assert.Equal(KmsError.AlgUnavailable, Assert.Throws<KmsException>(() => keystore.Destroy(inToken)).Error);
            Assert.Equal(KeyState.Enabled, keystore.Get(inToken).State);
        }

        // Its record is sound, and what it names is not looked at.
        StoreReport report = StoreChecker.Check(_directory.Store, KeyEncryptionKey.FromBytes(_kek), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(report.IsSound);
        Assert.Equal(StoreFindingKind.NotChecked, Assert.Single(report.Findings).Kind);

        using Pkcs11Token other = SoftHsm.Open();
        using (Keystore keystore = Keystore.Open(_directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(other)))
        {
            string message = Assert.Throws<KmsException>(() => keystore.Sign(inToken, "m"u8)).Message;
            Assert.Contains(Token.SerialNumber, message, StringComparison.Ordinal);
            Assert.Contains(other.SerialNumber, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_whose_object_somebody_deleted_is_told_from_a_damaged_record()
    {
        using Keystore keystore = Open();
        KeyId key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        Token.Connection.Do(0, (functions, session, _) =>
        {
            using AttributeTemplate template = new();
            functions.C_DestroyObject(session, TokenObject.Find(functions, session, template.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY))[0]);
            return true;
        });

        KmsException missing = Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));

        Assert.Equal(KmsError.TokenUnavailable, missing.Error);
        Assert.Contains("CKA_ID", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_that_was_exchanged_in_the_token_is_noticed()
    {
        KeyId key;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            KeyId other = keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
            Token.Connection.Do((First: keystore.GetPublicKey(key).Raw.ToArray(), Second: keystore.GetPublicKey(other).Raw.ToArray()), (functions, session, points) =>
            {
                CULong first = PublicObject(functions, session, points.First);
                CULong second = PublicObject(functions, session, points.Second);
                byte[] id = new byte[16];
                byte[] otherId = new byte[16];
                functions.C_GetAttributeValue(session, first, CK.CKA_ID, id);
                functions.C_GetAttributeValue(session, second, CK.CKA_ID, otherId);
                using AttributeTemplate swapped = new();
                using AttributeTemplate back = new();
                functions.C_SetAttributeValue(session, first, swapped.Add(CK.CKA_ID, otherId));
                functions.C_SetAttributeValue(session, second, back.Add(CK.CKA_ID, id));
                return true;
            });
        }

        using (Keystore keystore = Open())
        {
            foreach (Action use in new Action[] { () => keystore.Attest(key), () => keystore.Sign(key, "m"u8) })
            {
                KmsException refusal = Assert.Throws<KmsException>(use);
                Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
                Assert.Contains("public key is another", refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_token_that_makes_keys_which_could_leave_it_is_refused_and_keeps_none()
    {
        using Keystore keystore = Open();
        s_before = SoftHsm.Module[RawModule.GetAttributeValue];
        using (SoftHsm.Module.Replace(
            RawModule.GetAttributeValue, (delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)&SayExtractable))
        {
            KmsException refusal = Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
            Assert.Equal(KmsError.AlgUnavailable, refusal.Error);
            Assert.Contains("CKA_EXTRACTABLE", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, CountObjects(Token));
        Assert.Empty(keystore.List());
    }

    [Fact]
    public void A_token_without_room_is_told_as_such_and_nothing_is_made()
    {
        using Keystore keystore = Open();
        using (SoftHsm.Module.Replace(
            RawModule.GenerateKeyPair, (delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)&NoRoom))
        {
            KmsException full = Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));
            Assert.Equal(KmsError.TokenUnavailable, full.Error);
            Assert.Contains("no room", full.Message, StringComparison.Ordinal);
        }

        Assert.Empty(keystore.List());
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
    }

    [Theory]
    [InlineData("", "01")]
    [InlineData("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF", "02")]
    public void The_handle_is_the_one_that_the_format_describes(string check, string version)
    {
        RonKms.Pkcs11.Keys.TokenHandle handle = new("s1", "label", [.. Enumerable.Range(1, 16).Select(i => (byte)i)], Convert.FromHexString(check));

        using SecretBytes encoded = handle.Encode();

        Assert.Equal(version + "02" + "7331" + "05" + "6C6162656C" + "10" + "0102030405060708090A0B0C0D0E0F10" + check, Convert.ToHexString(encoded.Reveal()));
        Assert.True(RonKms.Pkcs11.Keys.TokenHandle.TryParse(encoded.Reveal(), out RonKms.Pkcs11.Keys.TokenHandle? parsed));
        Assert.Equal(("s1", "label"), (parsed.Serial, parsed.Label));
        Assert.Equal(handle.Id, parsed.Id);
        Assert.Equal(check, Convert.ToHexString(parsed.Check));
        byte[] bytes = encoded.Reveal().ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(RonKms.Pkcs11.Keys.TokenHandle.TryParse(bytes.AsSpan(0, length), out _));
        }

        Assert.False(RonKms.Pkcs11.Keys.TokenHandle.TryParse([.. bytes, 0], out _));
        Assert.False(RonKms.Pkcs11.Keys.TokenHandle.TryParse([3, .. bytes[1..]], out _));
        Assert.False(RonKms.Pkcs11.Keys.TokenHandle.TryParse([(byte)(3 - bytes[0]), .. bytes[1..]], out _));
    }

    [Fact]
    public void The_check_value_of_an_aes_key_is_what_the_format_says()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] check = Token.Connection.Do(secret, static (functions, session, value) =>
        {
            using AttributeTemplate template = new();
            template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_ENCRYPT, true).Add(CK.CKA_VALUE, value);
            return new RonKms.Pkcs11.Keys.TokenAes256().ComputeCheck(functions, session, functions.C_CreateObject(session, template));
        });

        // The platform's AES is the other one.
        using Aes aes = Aes.Create();
        aes.SetKey(secret);
        Assert.Equal(aes.EncryptEcb("RonKms/check/v1\0"u8, PaddingMode.None), check);
    }

    [Theory]
    [InlineData("another value", true, 32)]
    [InlineData("CKA_SENSITIVE", false, 32)]
    [InlineData("AES with 256 bits", true, 16)]
    public void An_aes_key_that_was_exchanged_in_the_token_is_noticed(string what, bool isSensitive, int size)
    {
        KeyId key;
        byte[] envelope;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
            envelope = keystore.Wrap(key, "m"u8);
        }

        Token.Connection.Do((isSensitive, size), static (functions, session, made) =>
        {
            using AttributeTemplate find = new();
            CULong old = Assert.Single(TokenObject.Find(functions, session, find.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY)));
            byte[] id = new byte[16];
            functions.C_GetAttributeValue(session, old, CK.CKA_ID, id);
            functions.C_DestroyObject(session, old);
            using AttributeTemplate template = new();
            template.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true)
                .Add(CK.CKA_SENSITIVE, made.isSensitive).Add(CK.CKA_EXTRACTABLE, false).Add(CK.CKA_ENCRYPT, true).Add(CK.CKA_ID, id).Add(CK.CKA_VALUE, new byte[made.size]);
            return functions.C_CreateObject(session, template);
        });

        using (Keystore keystore = Open())
        {
            foreach (Action use in new Action[] { () => keystore.Wrap(key, "m"u8), () => keystore.Unwrap(key, envelope) })
            {
                KmsException refusal = Assert.Throws<KmsException>(use);
                Assert.Equal(KmsError.SealedCorrupt, refusal.Error);
                Assert.Contains(what == "another value" ? "value is another" : what, refusal.Message, StringComparison.Ordinal);
            }

            StoreReport report = keystore.VerifyStore(cancellationToken: TestContext.Current.CancellationToken);
            Assert.False(report.IsSound);
            Assert.Equal(StoreFindingKind.RecordDamaged, Assert.Single(report.Findings).Kind);
        }
    }

    [Fact]
    public void A_public_object_of_the_same_name_and_id_stops_no_key()
    {
        KeyId signing;
        KeyId wrapping;
        using (Keystore keystore = Open())
        {
            signing = keystore.Create("acme", "p", KeyAlgorithm.P256);
            wrapping = keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);
        }

        Token.CreateKek("kek").Dispose();
        Token.Connection.Do(0, static (functions, session, _) =>
        {
            using AttributeTemplate secretKeys = new();
            using AttributeTemplate privateKeys = new();
            CULong[] found =
            [
                .. TokenObject.Find(functions, session, secretKeys.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY)),
                .. TokenObject.Find(functions, session, privateKeys.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY)),
            ];
            Assert.Equal(3, found.Length);
            foreach (CULong one in found)
            {
                byte[] id = new byte[16];
                functions.C_GetAttributeValue(session, one, CK.CKA_ID, id);
                using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
                using AttributeTemplate secret = new();
                secret.AddNumber(CK.CKA_CLASS, CK.CKO_SECRET_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_AES).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, false)
                    .Add(CK.CKA_ID, id).Add(CK.CKA_LABEL, "kek"u8).Add(CK.CKA_VALUE, new byte[32]);
                functions.C_CreateObject(session, secret);
                using AttributeTemplate key = new();
                key.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_EC).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, false)
                    .Add(CK.CKA_ID, id).Add(CK.CKA_EC_PARAMS, [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]).Add(CK.CKA_VALUE, other.ExportParameters(true).D);
                functions.C_CreateObject(session, key);
            }

            return true;
        });

        using Keystore again = Open();
        Assert.True(again.Verify(signing, "m"u8, again.Sign(signing, "m"u8)));
        again.Wrap(wrapping, "m"u8);
        using KeyEncryptionKey kek = Token.OpenKek("kek");
        kek.Wrap(new byte[32], out _);

        again.Destroy(signing);
        again.Destroy(wrapping);
        Assert.Equal(3, CountObjects(Token));
    }

    [Fact]
    public void A_private_key_that_was_exchanged_for_one_that_could_leave_is_noticed()
    {
        KeyId key;
        using (Keystore keystore = Open())
        {
            key = keystore.Create("acme", "p", KeyAlgorithm.P256);
        }

        Token.Connection.Do(0, static (functions, session, _) =>
        {
            using AttributeTemplate find = new();
            CULong old = Assert.Single(TokenObject.Find(functions, session, find.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY)));
            byte[] id = new byte[16];
            functions.C_GetAttributeValue(session, old, CK.CKA_ID, id);
            functions.C_DestroyObject(session, old);
            using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using AttributeTemplate template = new();
            template.AddNumber(CK.CKA_CLASS, CK.CKO_PRIVATE_KEY).AddNumber(CK.CKA_KEY_TYPE, CK.CKK_EC).Add(CK.CKA_TOKEN, true).Add(CK.CKA_PRIVATE, true)
                .Add(CK.CKA_SENSITIVE, true).Add(CK.CKA_EXTRACTABLE, true).Add(CK.CKA_SIGN, true).Add(CK.CKA_ID, id)
                .Add(CK.CKA_EC_PARAMS, [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]).Add(CK.CKA_VALUE, other.ExportParameters(true).D);
            return functions.C_CreateObject(session, template);
        });

        using (Keystore keystore = Open())
        {
            Assert.Contains("CKA_EXTRACTABLE", Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8)).Message, StringComparison.Ordinal);
        }
    }

    private Keystore Open(bool allowImport = false) =>
        Keystore.OpenOrCreate(_directory.Store, KeyEncryptionKey.FromBytes(_kek), new KeystoreOptions().UsePkcs11(Token, allowImport));

    internal static int CountObjects(Pkcs11Token token) => token.Connection.Do(0, static (functions, session, _) =>
    {
        using AttributeTemplate template = new();
        Span<CULong> found = stackalloc CULong[100];
        return functions.FindObjects(session, template.Add(CK.CKA_TOKEN, true), found);
    });

    private static CULong PublicObject(Cryptoki functions, CULong session, byte[] point)
    {
        using AttributeTemplate template = new();
        return Assert.Single(TokenObject.Find(
            functions, session, template.AddNumber(CK.CKA_CLASS, CK.CKO_PUBLIC_KEY).Add(CK.CKA_EC_POINT, [0x04, 0x20, .. point])));
    }

    private static JsonElement Custody(Keystore keystore, KeyId key)
    {
        using JsonDocument attestation = JsonDocument.Parse(keystore.Attest(key).Json);
        Assert.Equal("pkcs11", attestation.RootElement.GetProperty("backend").GetString());
        return attestation.RootElement.GetProperty("custody").Clone();
    }

    internal static IDisposable FailingToDestroy() =>
        SoftHsm.Module.Replace(RawModule.DestroyObject, (delegate* unmanaged[Cdecl]<CULong, CULong, CULong>)&FailToDestroy);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong FailToDestroy(CULong session, CULong target) => new((uint)CKR.CKR_DEVICE_ERROR);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong NoRoom(
        CULong session, CK_MECHANISM* mechanism, CK_ATTRIBUTE* first, CULong firstCount, CK_ATTRIBUTE* second, CULong secondCount, CULong* publicKey, CULong* privateKey) =>
        new((uint)CKR.CKR_DEVICE_MEMORY);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static CULong SayExtractable(CULong session, CULong target, CK_ATTRIBUTE* attributes, CULong count)
    {
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)s_before)(session, target, attributes, count);
        if (attributes[0].type.Value == CK.CKA_EXTRACTABLE)
        {
            *(byte*)attributes[0].pValue = 1;
        }

        return result;
    }
}
