// What a program does with the packages: sign, verify, seal in a directory, start anew, post-quantum, capabilities, metrics, a host.
//
//   App DIRECTORY     the first run makes a store there, later ones go on with it
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RonKms;
using RonKms.Capabilities;
using RonKms.Pkcs11;
using RonKms.Prometheus;
using RonKms.Sealing;

string home = Path.GetFullPath(args[0]);
string keyFile = Path.Combine(home, "kek.b64");
string signatureFile = Path.Combine(home, "signature");
bool isFirstRun = !File.Exists(keyFile);
if (isFirstRun)
{
    Directory.CreateDirectory(home);
    KeyEncryptionKey.CreateFile(keyFile);
}

using var exporter = new PrometheusExporter();
KeystoreOptions options = new KeystoreOptions { PqMode = PqMode.Hybrid }.UsePostQuantum().UsePkcs11();
using (Keystore kms = Keystore.OpenOrCreate("file:" + Path.Combine(home, "store"), KeyEncryptionKey.FromFile(keyFile), options))
{
    KeyId signing = isFirstRun ? kms.CreateSigningKey("consumer", "signing") : kms.FindCurrent("consumer", "signing")!;
    if (!isFirstRun)
    {
        Require(kms.Verify(signing, "before the restart"u8, File.ReadAllBytes(signatureFile)), "the last run's signature verifies");
    }

    File.WriteAllBytes(signatureFile, kms.Sign(signing, "before the restart"u8));

    foreach (KeyAlgorithm algorithm in options.Algorithms.Algorithms.Select(algorithm => algorithm.Id).Where(id => id.Use == KeyUse.Sign))
    {
        // In this mode what is classical alone is refused, and the small sets of SLH-DSA sign for seconds.
        if (algorithm.Id < 0x0100 || (algorithm.Name.StartsWith("slhdsa", StringComparison.Ordinal) && algorithm.Name.EndsWith('s')))
        {
            continue;
        }

        KeyId key = kms.Create("consumer", "each", algorithm);
        Require(kms.Verify(key, "hello"u8, kms.Sign(key, "hello"u8)), $"{algorithm} signs");
        kms.Destroy(key);
    }

    KeyId kem = kms.CreateKemKey("consumer", "sessions");
    using Encapsulation sent = kms.GetPublicKey(kem).Encapsulate();
    using SecretBytes received = kms.Decapsulate(kem, sent.Ciphertext.Span);
    Require(received.Reveal().SequenceEqual(sent.SharedSecret.Reveal()), $"{kem.Algorithm} decapsulates");

    KeyId wrapping = kms.Create("consumer", "envelopes", KeyAlgorithm.Aes256Gcm);
    using SecretBytes opened = kms.Unwrap(wrapping, kms.Wrap(wrapping, "plaintext"u8, "context"u8), "context"u8);
    Require(opened.Reveal().SequenceEqual("plaintext"u8), "an envelope opens");

    kms.CreateCapabilityKey();
    Macaroon token = new CapabilityIssuer(kms).Mint(
        CapabilityCaveat.ForTenant("consumer"),
        CapabilityCaveat.ForScopes(CapabilityScopes.Sign),
        CapabilityCaveat.ExpiresAt(DateTimeOffset.UtcNow.AddHours(1)));
    Require(new CapabilityVerifier(kms).Verify(token, [], new CapabilityRequest(CapabilityScopes.Sign, signing)).IsAllowed, "a capability permits");
    Require(kms.VerifyStore().IsSound, "the store is sound");
}

using var metrics = new MemoryStream();
exporter.WriteTo(metrics);
Require(Encoding.UTF8.GetString(metrics.ToArray()).Contains("kms_ops_total{op=\"sign\"", StringComparison.Ordinal), "signatures were counted");

HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Services.AddRonKms(builder.Configuration.GetSection("RonKms"));
builder.Services.AddHealthChecks().AddRonKms();
using (IHost host = builder.Build())
{
    await host.StartAsync();
    IKeystore kms = host.Services.GetRequiredService<IKeystore>();
    KeyId key = kms.Create("consumer", "host", KeyAlgorithm.Ed25519);
    Require(kms.Verify(key, "hello"u8, kms.Sign(key, "hello"u8)), "a host's keystore signs");
    await host.StopAsync();
}

Console.WriteLine($"consumer: all is well, {(isFirstRun ? "with a new store" : "with the store of an earlier run")}");
return 0;

static void Require(bool isGood, string what)
{
    if (!isGood)
    {
        throw new InvalidOperationException($"not so: {what}");
    }
}
