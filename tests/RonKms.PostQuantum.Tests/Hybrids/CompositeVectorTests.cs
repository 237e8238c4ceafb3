using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using RonKms.Algorithms;
using RonKms.Tests;

namespace RonKms.PostQuantum.Tests.Hybrids;

/// <summary>The vectors of draft-ietf-lamps-pq-composite-sigs: four versions of them, all of the final construction.</summary>
public sealed class CompositeVectorTests
{
    private const string Pack = "composite/composite_mldsa_ed25519.json";
    private const string Set = "id-MLDSA65-Ed25519-SHA512";

    private readonly SignatureAlgorithm _algorithm = HybridAlgorithms.Find("composite-mldsa65-ed25519");

    [Fact]
    public void KeysEncodingsAndSignatures()
    {
        VectorTally tally = new(Pack);
        foreach (JsonElement version in Vectors.Read(Pack).EnumerateArray())
        {
            byte[] message = Bytes(version, "m");
            foreach (JsonElement test in version.GetProperty("tests").EnumerateArray())
            {
                string name = $"{version.Text("sourceCommit")[..12]} {test.Text("tcId")}";
                if (test.Text("tcId") != Set)
                {
                    tally.LeaveOut();
                    continue;
                }

                byte[] secret = Bytes(test, "sk");
                byte[] publicKey = Bytes(test, "pk");
                bool isRight = IsKey(test, secret, publicKey) && IsSignature(publicKey, message, Bytes(test, "s"), context: []);
                if (test.TryGetProperty("sWithContext", out _))
                {
                    isRight &= IsSignature(publicKey, message, Bytes(test, "sWithContext"), Bytes(version, "ctx"));
                }

                tally.Add(name, isRight);
            }
        }

        tally.Finish(run: 4, leftOut: 4);
    }

    [Fact]
    public void CertificatesOfTheVectorsHaveThisSubjectPublicKeyInfoAndVerifyUnderIt()
    {
        int checkedCertificates = 0;
        foreach (JsonElement version in Vectors.Read(Pack).EnumerateArray())
        {
            JsonElement test = version.GetProperty("tests").EnumerateArray().Single(t => t.Text("tcId") == Set);
            byte[] der = Bytes(test, "x5c");
            byte[] publicKey = Bytes(test, "pk");
            using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
            Assert.Equal(certificate.PublicKey.ExportSubjectPublicKeyInfo(), _algorithm.ExportSubjectPublicKeyInfo(publicKey));
            Assert.Equal("1.3.6.1.5.5.7.6.48", certificate.SignatureAlgorithm.Value);

            // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }
            System.Formats.Asn1.AsnReader reader = new System.Formats.Asn1.AsnReader(der, System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
            byte[] signed = reader.ReadEncodedValue().ToArray();
            reader.ReadEncodedValue();
            Assert.True(_algorithm.Verify(publicKey, signed, reader.ReadBitString(out _)));
            checkedCertificates++;
        }

        Assert.Equal(4, checkedCertificates);
    }

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromBase64String(element.Text(name));

    private bool IsKey(JsonElement test, byte[] secret, byte[] publicKey)
    {
        byte[] computed = new byte[_algorithm.Id.PublicKeySize];
        using SecretBytes? imported = _algorithm.ImportPkcs8(Bytes(test, "sk_pkcs8"));
        return _algorithm.TryGetPublicKey(secret, computed)
            && computed.AsSpan().SequenceEqual(publicKey)
            && _algorithm.IsValidPublicKey(publicKey)
            && imported is not null
            && imported.Reveal().SequenceEqual(secret);
    }

    private bool IsSignature(byte[] publicKey, byte[] message, byte[] signature, byte[] context)
    {
        byte[] other = [.. context, 0];
        return _algorithm.Verify(publicKey, message, signature, new SignOptions { Context = context })
            && !_algorithm.Verify(publicKey, message, signature, new SignOptions { Context = other })
            && !_algorithm.Verify(publicKey, [.. message, 0], signature, new SignOptions { Context = context });
    }
}
