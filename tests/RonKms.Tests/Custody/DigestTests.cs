using RonKms.Custody;

namespace RonKms.Tests.Custody;

public sealed class DigestTests
{
    [Fact]
    public void Equal_digests_are_found_by_their_hash_code_and_others_are_not()
    {
        HashSet<Digest> seen = [.. Enumerable.Range(0, 100).Select(i => Digest.Of([(byte)i]))];
        Assert.Equal(100, seen.Count);
        Assert.Contains(Digest.Of([7]), seen);
        Assert.DoesNotContain(Digest.Of([100]), seen);
    }
}
