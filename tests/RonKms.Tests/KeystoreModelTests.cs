using FsCheck;
using FsCheck.Fluent;
using RonKms.Sealing;
using RonKms.Tests.Storage;

namespace RonKms.Tests;

/// <summary>Any sequence of operations leaves a keystore as a simple model says. A failure prints the seed to replay it with, and the shortest
/// sequence that fails.</summary>
public sealed class KeystoreModelTests
{
    private const int MaxSteps = 60;
    private static readonly string[] s_names = ["a", "b"];

    private static readonly KeyAlgorithm[] s_algorithms =
        [KeyAlgorithm.Ed25519, KeyAlgorithm.Ed25519, KeyAlgorithm.P256, KeyAlgorithm.X25519, KeyAlgorithm.Aes256Gcm, KeyAlgorithm.ChaCha20Poly1305, KeyAlgorithm.HmacSha256];

    private static readonly Gen<Step> s_step =
        from kind in Gen.Frequency(
            (4, Gen.Constant(StepKind.Create)),
            (1, Gen.Constant(StepKind.Import)),
            (4, Gen.Constant(StepKind.Rotate)),
            (2, Gen.Constant(StepKind.RotateLatest)),
            (4, Gen.Constant(StepKind.Disable)),
            (3, Gen.Constant(StepKind.Enable)),
            (2, Gen.Constant(StepKind.Destroy)),
            (1, Gen.Constant(StepKind.DestroyAll)),
            (2, Gen.Constant(StepKind.MoveClock)),
            (4, Gen.Constant(StepKind.Use)),
            (2, Gen.Constant(StepKind.Reopen)),
            (1, Gen.Constant(StepKind.Misname)))
        from a in Gen.Choose(0, 999)
        from b in Gen.Choose(0, 999)
        select new Step(kind, a, b);

    private static readonly Arbitrary<Step[]> s_sequences =
        Arb.From(from length in Gen.Choose(1, MaxSteps) from steps in Gen.ArrayOf(s_step, length) select steps, Shorter);

    private enum StepKind
    {
        Create,
        Import,
        Rotate,
        RotateLatest,
        Disable,
        Enable,
        Destroy,
        DestroyAll,
        MoveClock,
        Use,
        Reopen,
        Misname,
    }

    [Fact]
    public void A_file_store_is_what_the_model_says() => Prop.ForAll(s_sequences, steps =>
    {
        using TemporaryDirectory directory = TemporaryDirectory.InMemory();
        byte[] kek = new byte[32];
        using Run run = new((options, create) => create
            ? Keystore.OpenOrCreate("file:" + directory["store"], KeyEncryptionKey.FromBytes(kek), options)
            : Keystore.Open("file:" + directory["store"], KeyEncryptionKey.FromBytes(kek), options));
        run.All(steps);
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300));

    [Fact]
    public void A_store_in_memory_is_what_the_model_says() => Prop.ForAll(s_sequences, steps =>
    {
        using Run run = new((options, _) => Keystore.InMemory(options));
        run.All(steps.Where(step => step.Kind != StepKind.Reopen));
    }).Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(300));

    /// <summary>The same with one step fewer, and with half of them.</summary>
    private static IEnumerable<Step[]> Shorter(Step[] steps)
    {
        if (steps.Length > 3)
        {
            yield return steps[..(steps.Length / 2)];
            yield return steps[(steps.Length / 2)..];
        }

        for (int i = steps.Length - 1; i >= 0; i--)
        {
            yield return [.. steps[..i], .. steps[(i + 1)..]];
        }
    }

    private readonly record struct Step(StepKind Kind, int A, int B);

    private sealed class Run : IDisposable
    {
        private const long Start = 1_735_689_600_000;

        private readonly Func<KeystoreOptions, bool, Keystore> _open;
        private readonly FixedClock _clock = new(DateTimeOffset.FromUnixTimeMilliseconds(Start));
        private readonly KeystoreModel _model = new(Start);
        private Keystore _keys;

        internal Run(Func<KeystoreOptions, bool, Keystore> open)
        {
            _open = open;
            _keys = open(Options(), true);
        }

        public void Dispose() => _keys.Dispose();

        internal void All(IEnumerable<Step> steps)
        {
            foreach (Step step in steps)
            {
                Take(step);
                CheckStates();
            }

            foreach (ModelVersion version in _model.Versions)
            {
                Use(version);
            }

            CheckStates();
        }

        private static KeyUse UseOf(ModelVersion version) => version.Id.Algorithm.Use;

        /// <summary>A refusal must be one that the table has for it, and must come where the table has one.</summary>
        private static void Expect(IReadOnlyList<KmsError> against, Action use)
        {
            if (against.Count == 0)
            {
                use();
            }
            else
            {
                Assert.Contains(Assert.Throws<KmsException>(use).Error, against);
            }
        }

        // A limit and an idle time that are small, so that keys are wiped and opened again on the way.
        private KeystoreOptions Options() => new() { TimeProvider = _clock, OpenedKeyLimit = 2 };

        private void Take(Step step)
        {
            ModelVersion? version = _model.Versions.Any() ? _model.Versions.ElementAt(step.A % _model.Versions.Count()) : null;
            switch (step.Kind)
            {
                case StepKind.Create: Create(step); break;
                case StepKind.Import: Import(step); break;
                case StepKind.MoveClock: MoveClock(step); break;
                case StepKind.Reopen: Reopen(); break;
                case StepKind.Rotate when version is not null: Rotate(version, version.Id); break;
                case StepKind.RotateLatest when version is not null: Rotate(_model.KeyOf(version).Latest, version.Id.Latest); break;
                case StepKind.Disable when version is not null: Change(version, KeyState.Disabled, _keys.Disable); break;
                case StepKind.Enable when version is not null: Change(version, KeyState.Enabled, _keys.Enable); break;
                case StepKind.Destroy when version is not null: Change(version, KeyState.Destroyed, _keys.Destroy); break;
                case StepKind.DestroyAll when version is not null: DestroyAll(version); break;
                case StepKind.Use when version is not null: Use(version); break;
                case StepKind.Misname when version is not null: Misname(version); break;
                default: break;
            }
        }

        private void Create(Step step)
        {
            // Times before the store's own now, which is not always the clock's, must be refused.
            long notAfterMs = step.B % 3 == 0 ? 0 : _model.ClockMs + (step.B * 40) - 4_000;
            KeyCreationOptions options = new()
            {
                NotAfter = notAfterMs == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(notAfterMs),
                Labels = new Dictionary<string, string> { ["n"] = $"{step.A}" },
            };
            KeyAlgorithm algorithm = s_algorithms[step.A % s_algorithms.Length];
            string tenant = s_names[step.A / 7 % 2];
            string purpose = s_names[step.A / 14 % 2];
            if (notAfterMs != 0 && notAfterMs <= _model.NowMs)
            {
                Assert.Throws<ArgumentException>(() => _keys.Create(tenant, purpose, algorithm, options));
                return;
            }

            KeyId id = _keys.Create(tenant, purpose, algorithm, options);
            Assert.Equal((tenant, purpose, algorithm, 1u), (id.Tenant, id.Purpose, id.Algorithm, id.Version));
            Assert.DoesNotContain(_model.Versions, known => known.Id.Uuid == id.Uuid);
            Produce(_model.Add(id, notAfterMs, imported: false));
        }

        private void Import(Step step)
        {
            byte[] seed = new byte[32];
            seed[0] = (byte)(step.A % 5);
            string name = $"seed{seed[0]}";
            if (_model.Keys.Any(key => key.Latest.Id.Purpose == name))
            {
                Assert.Equal(KmsError.ImportRefused, Assert.Throws<KmsException>(() => _keys.Import("a", "again", KeyAlgorithm.Ed25519, seed)).Error);
                return;
            }

            Produce(_model.Add(_keys.Import("a", name, KeyAlgorithm.Ed25519, seed), 0, imported: true));
        }

        private void Rotate(ModelVersion version, KeyId named) => Expect(_model.AgainstRotating(version), () =>
        {
            ModelKey key = _model.KeyOf(version);
            KeyId next = _keys.Rotate(named);
            Assert.Equal(version.Id.WithVersion(key.Latest.Id.Version + 1), next);
            ModelVersion added = _model.AddVersion(key, next);
            if (_model.AgainstProducing(added).Count == 0) Produce(added);
        });

        private void Change(ModelVersion version, KeyState state, Action<KeyId> change)
        {
            KmsError[] against = version.State == KeyState.Destroyed && state != KeyState.Destroyed ? [KmsError.KeyDestroyed] : [];
            Expect(against, () =>
            {
                change(version.Id);
                _model.Change(version, state);
            });
        }

        private void DestroyAll(ModelVersion version)
        {
            _keys.DestroyAllVersions(version.Id);
            foreach (ModelVersion one in _model.KeyOf(version).Versions)
            {
                _model.Change(one, KeyState.Destroyed);
            }
        }

        private void MoveClock(Step step)
        {
            _model.ClockMs += step.B % 4 == 0 ? -step.A * 100 : step.A * 20;
            _clock.Now = DateTimeOffset.FromUnixTimeMilliseconds(_model.ClockMs);
        }

        private void Reopen()
        {
            _keys.Dispose();
            _keys = _open(Options(), false);
        }

        private void Misname(ModelVersion version)
        {
            KeyId id = version.Id;
            KeyId[] strangers =
            [
                id.WithVersion(_model.KeyOf(version).Latest.Id.Version + 1),
                id.WithVersion(uint.MaxValue),
                new KeyId(id.Tenant + "x", id.Purpose, id.Algorithm, id.Uuid, id.Version),
                new KeyId(id.Tenant, id.Purpose + "x", id.Algorithm, id.Uuid, id.Version),
                new KeyId(id.Tenant, id.Purpose, id.Algorithm == KeyAlgorithm.P256 ? KeyAlgorithm.Ed25519 : KeyAlgorithm.P256, id.Uuid, id.Version),
                new KeyId(id.Tenant, id.Purpose, id.Algorithm, Guid.NewGuid(), id.Version),
            ];
            foreach (KeyId stranger in strangers)
            {
                foreach (Action<KeyId> operation in (Action<KeyId>[])[_keys.Disable, _keys.Enable, _keys.Destroy, key => _keys.Rotate(key), key => _keys.Get(key)])
                {
                    Assert.Equal(KmsError.NoSuchKey, Assert.Throws<KmsException>(() => operation(stranger)).Error);
                }
            }

            // #latest could be another version than the caller looked at.
            foreach (Action<KeyId> operation in (Action<KeyId>[])[_keys.Disable, _keys.Enable, _keys.Destroy])
            {
                Assert.Throws<ArgumentException>(() => operation(id.Latest));
            }
        }

        private void Produce(ModelVersion version)
        {
            KeyId by = version.Id;
            switch (UseOf(version))
            {
                case KeyUse.Sign: version.Product = _keys.Sign(version.Id, "message"u8); break;
                case KeyUse.Mac: version.Product = _keys.ComputeMac(version.Id, "message"u8, out by); break;
                case KeyUse.Wrap: version.Product = _keys.Wrap(version.Id, "message"u8, "aad"u8); break;
                default:
                    using (Encapsulation sent = _keys.Encapsulate(version.Id, out by))
                    {
                        version.Product = sent.Ciphertext.ToArray();
                        version.SharedSecret = sent.SharedSecret.Reveal().ToArray();
                    }

                    break;
            }

            Assert.Equal(version.Id, by);
        }

        private void Use(ModelVersion version)
        {
            byte[] before = version.Product;
            byte[] secretBefore = version.SharedSecret;
            Expect(_model.AgainstProducing(version), () => Produce(version));
            Consume(version);
            (version.Product, version.SharedSecret) = (before, secretBefore);
            Consume(version);

            // Whatever the version asked for by #latest, the answer names the latest one.
            ModelVersion latest = _model.KeyOf(version).Latest;
            if (UseOf(version) == KeyUse.Sign)
            {
                Expect(_model.AgainstProducing(latest), () =>
                {
                    byte[] signature = _keys.Sign(version.Id.Latest, "message"u8, out KeyId signedBy);
                    Assert.Equal(latest.Id, signedBy);
                    Assert.True(_keys.Verify(signedBy, "message"u8, signature));
                });
            }
        }

        private void Consume(ModelVersion version)
        {
            // A version that was made expired never made anything.
            if (version.Product.Length == 0) return;

            IReadOnlyList<KmsError> against = KeystoreModel.AgainstConsuming(version);
            switch (UseOf(version))
            {
                case KeyUse.Sign:
                    Assert.True(_keys.Verify(version.Id, "message"u8, version.Product));
                    Assert.False(_keys.Verify(version.Id, "other"u8, version.Product));
                    Assert.True(_keys.GetPublicKey(version.Id).Verify("message"u8, version.Product));
                    break;
                case KeyUse.Mac:
                    Expect(against, () => Assert.True(_keys.VerifyMac(version.Id, "message"u8, version.Product)));
                    Expect(against, () => Assert.False(_keys.VerifyMac(version.Id, "other"u8, version.Product)));
                    break;
                case KeyUse.Wrap:
                    Expect(against, () =>
                    {
                        using SecretBytes plaintext = _keys.Unwrap(version.Id.Latest, version.Product, "aad"u8);
                        Assert.Equal("message"u8, plaintext.Reveal());
                    });
                    break;
                default:
                    Expect(against, () =>
                    {
                        using SecretBytes secret = _keys.Decapsulate(version.Id, version.Product);
                        Assert.Equal(version.SharedSecret, secret.Reveal().ToArray());
                    });
                    Assert.Equal(32, _keys.GetPublicKey(version.Id).Raw.Length);
                    break;
            }
        }

        private void CheckStates()
        {
            IReadOnlyList<KeyInfo> infos = _keys.List(new KeyFilter { AllVersions = true });
            Assert.Equal(_model.Versions.Select(version => version.Id), infos.Select(info => info.Id));
            foreach ((ModelVersion version, KeyInfo info) in _model.Versions.Zip(infos))
            {
                Assert.Equal(version.State, info.State);
                Assert.Equal(_model.IsExpired(version), info.IsExpired);
                Assert.Equal(version.CreatedAtMs, info.CreatedAt.ToUnixTimeMilliseconds());
                Assert.Equal(version.NotAfterMs, info.NotAfter?.ToUnixTimeMilliseconds() ?? 0);
                Assert.Equal(version.IsImported, info.IsImported);
                Assert.Equal(_model.KeyOf(version).Latest == version, info.IsLatest);
            }

            foreach (string tenant in s_names)
            {
                foreach (string purpose in s_names)
                {
                    Assert.Equal(_model.FindCurrent(tenant, purpose), _keys.FindCurrent(tenant, purpose));
                }
            }

            Assert.Equal(_model.Keys.Select(key => key.Latest.Id), _keys.List().Select(info => info.Id));
        }
    }
}
