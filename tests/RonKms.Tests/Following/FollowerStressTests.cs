using System.Collections.Concurrent;
using System.Runtime.Versioning;
using RonKms.Sealing;
using RonKms.Tests.Maintenance;
using RonKms.Tests.Storage;

namespace RonKms.Tests.Following;

/// <summary>Followers while the writer does everything that it can.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class FollowerStressTests : IDisposable
{
    private static readonly byte[] s_message = "message"u8.ToArray();
    private readonly FollowedKeys _store = new();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public async Task Nobody_gets_a_wrong_answer_whatever_the_writer_does(int maxStalenessMs)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        KeyId signing = _store.Writer.Create("acme", "steady", KeyAlgorithm.Ed25519);
        byte[] signature = _store.Writer.Sign(signing, s_message);
        KeyId wrapping = _store.Writer.Create("acme", "steady", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(wrapping, s_message);
        ConcurrentQueue<(KeyId Key, byte[] Envelope)> passing = [];
        using Keystore follower = Keystore.OpenReadOnly(
            _store.Place,
            KeyEncryptionKey.FromBytes(FollowedKeys.First),
            new KeystoreOptions { MaxStaleness = TimeSpan.FromMilliseconds(maxStalenessMs), OpenedKeyLimit = 1, Metrics = false });
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        int rounds = 0;
        Task[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            try
            {
                while (!done.IsCancellationRequested)
                {
                    Assert.True(follower.Verify(signing, s_message, signature));
                    Assert.Equal(KeyState.Destroyed, follower.Get(evidence.Destroyed).State);
                    using (SecretBytes plaintext = follower.Unwrap(wrapping, envelope)) Assert.Equal(s_message, plaintext.Reveal().ToArray());
                    Assert.Equal(wrapping, follower.Attest(wrapping).Key);
                    if (passing.TryDequeue(out (KeyId Key, byte[] Envelope) one)) UsePassing(follower, one.Key, one.Envelope);
                    Interlocked.Increment(ref rounds);
                }
            }
            catch
            {
                done.Cancel();
                throw;
            }
        }, CancellationToken.None))];

        long began = Environment.TickCount64;
        int changes = 0;
        while (!done.IsCancellationRequested && (Environment.TickCount64 - began < 3_000 || changes < 20 || Volatile.Read(ref rounds) < 20))
        {
            Change(evidence, passing, changes++);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        follower.Refresh();
        Assert.Equal(_store.Writer.ComputeInventory(), follower.ComputeInventory());
        Assert.Equal(_store.Writer.CheckHealth().Head, follower.CheckHealth().Head);
    }

    [Fact]
    public async Task It_opens_at_any_moment_of_the_writers_work()
    {
        KeyEvidence evidence = new(_store.Writer, _store.Time.GetUtcNow());
        ConcurrentQueue<(KeyId, byte[])> passing = [];
        using CancellationTokenSource done = new();
        Task writing = Task.Run(() =>
        {
            for (int i = 0; !done.IsCancellationRequested; i++) Change(evidence, passing, i);
        }, CancellationToken.None);
        try
        {
            for (int i = 0; i < 40; i++)
            {
                using Keystore follower = _store.Follow();
                Assert.Equal(KeyState.Destroyed, follower.Get(evidence.Destroyed).State);
            }
        }
        finally
        {
            await done.CancelAsync();
            await writing;
        }
    }

    [Fact]
    public void A_writer_in_another_process_is_followed()
    {
        _store.Writer.Dispose();
        using ChildProcess writer = ChildProcess.Write(_store.Root);
        using Keystore follower = _store.Follow();
        for (int round = 0; round < 12; round++)
        {
            string[] made = writer.Answer().Split(' ');
            KeyId key = KeyId.Parse(made[0], null);
            byte[] envelope = Convert.FromBase64String(made[1]);
            using (SecretBytes plaintext = follower.Unwrap(key, envelope)) Assert.Equal(ChildProcess.Message, plaintext.Reveal().ToArray());
            Assert.Equal("destroyed", writer.Answer());
            Assert.Equal(KmsError.KeyDestroyed, Assert.Throws<KmsException>(() => follower.Unwrap(key, envelope)).Error);
            Assert.Equal("changed", writer.Answer());
        }

        writer.Kill();
        Assert.Equal(12, follower.List().Count);
    }

    private static void UsePassing(Keystore follower, KeyId key, byte[] envelope)
    {
        try
        {
            using SecretBytes plaintext = follower.Unwrap(key, envelope);
            Assert.Equal(s_message, plaintext.Reveal().ToArray());
        }
        catch (KmsException e)
        {
            Assert.True(e.Error is KmsError.NoSuchKey or KmsError.KeyDestroyed or KmsError.DecryptionFailed, e.ToString());
        }
    }

    private void Change(KeyEvidence evidence, ConcurrentQueue<(KeyId Key, byte[] Envelope)> passing, int n)
    {
        KeyId key = _store.Writer.Create("acme", "passing", KeyAlgorithm.Aes256Gcm);
        byte[] envelope = _store.Writer.Wrap(key, s_message);
        passing.Enqueue((key, envelope));
        passing.Enqueue((key, envelope));
        _store.Writer.Disable(evidence.Wrapping);
        _store.Writer.Enable(evidence.Wrapping);
        _store.Writer.Rotate(evidence.Signing.Latest);
        _store.Writer.Destroy(key);
        switch (n % 4)
        {
            case 0:
                _store.Writer.Reseal(KeyEncryptionKey.FromBytes(FollowedKeys.First));
                break;
            case 1:
                _store.Writer.ChangeKek(KeyEncryptionKey.FromBytes(FollowedKeys.First));
                break;
            case 2:
                for (int i = 0; i < 2 * n; i++)
                {
                    _store.Writer.Disable(evidence.Wrapping);
                    _store.Writer.Enable(evidence.Wrapping);
                }

                _store.Writer.Compact();
                break;
        }
    }
}
