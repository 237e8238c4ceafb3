using System.Text.Json;
using RonKms.Algorithms;

namespace RonKms.Tests.Algorithms;

public sealed class HmacSha256Tests
{
    private static readonly HmacSha256Algorithm s_algorithm = new();

    [Fact]
    public void Wycheproof()
    {
        const int KeyBits = 256;
        VectorTally tally = new("wycheproof/hmac_sha256_test.json");
        foreach ((JsonElement group, JsonElement test) in Vectors.Cases(Vectors.Read("wycheproof/hmac_sha256_test.json")))
        {
            if (group.Number("keySize") != KeyBits)
            {
                tally.LeaveOut();
                continue;
            }

            using MacKey key = s_algorithm.Open(test.Hex("key"));
            byte[] tag = test.Hex("tag");
            byte[] made = new byte[32];
            key.Compute(test.Hex("msg"), made);

            // A truncated code is checked against what is computed, and must not verify: this library's codes are whole.
            bool isRight = made.AsSpan(0, tag.Length).SequenceEqual(tag) == (test.Text("result") == "valid");
            bool isWhole = tag.Length == made.Length;
            tally.Add(test.Number("tcId"), isRight && key.Verify(test.Hex("msg"), tag) == (isWhole && test.Text("result") == "valid"));
        }

        tally.Finish(run: 162, leftOut: 12);
    }
}
