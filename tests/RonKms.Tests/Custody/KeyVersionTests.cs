using RonKms.Custody;

namespace RonKms.Tests.Custody;

/// <summary>What a directory keeps of one version.</summary>
public sealed class KeyVersionTests
{
    [Fact]
    public void A_version_that_changes_often_costs_as_much_a_change_as_one_that_does_not()
    {
        const int changes = 20_000;
        KeyVersion version = new(new CustodyEvent
        {
            Op = CustodyOp.Create,
            Seq = 2,
            Key = KeyId.Parse("acme/signing/ed25519/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9#v1"),
            PublicKey = default(Digest),
            Record = default(Digest),
            Labels = [],
        });
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < changes; i++) version.Apply(i % 2 == 0 ? KeyState.Disabled : KeyState.Enabled, 3 + i);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, changes * 256L);
        Assert.Equal(Enumerable.Range(2, changes + 1).Select(seq => (long)seq), version.Lines);
    }
}
