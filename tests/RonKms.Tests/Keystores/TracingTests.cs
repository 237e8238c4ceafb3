using System.Collections.Concurrent;
using System.Diagnostics;

namespace RonKms.Tests.Keystores;

/// <summary>Spans. An activity listener hears the whole process, so these tests run alone.</summary>
[Collection(ProcessWide.Name)]
public sealed class TracingTests : IDisposable
{
    private const string Correlation = "request 7";

    private readonly ConcurrentQueue<Activity> _stopped = new();
    private readonly Keystore _keystore = Keystore.InMemory();
    private readonly UsedKeys _keys;
    private readonly ActivityListener _listener;

    public TracingTests()
    {
        _keys = new UsedKeys(_keystore);
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "RonKms",
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _stopped.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public static TheoryData<string> Calls => KeystoreCall.Names;

    public void Dispose()
    {
        _listener.Dispose();
        _keystore.Dispose();
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public void Each_operation_has_a_span_with_these_tags_alone(string name)
    {
        KeystoreCall call = KeystoreCall.Named(name);

        call.Run(_keystore.ForCaller("bob", Correlation), _keys);

        Assert.Equal(call.Kinds.Select(kind => "kms." + kind.ToString().ToLowerInvariant()), _stopped.Select(span => span.OperationName));
        Assert.All(_stopped, span =>
        {
            Assert.Equal(["op", "kid", "alg", "hybrid", "result", "corr_id"], span.TagObjects.Select(tag => tag.Key));
            Assert.Equal(span.OperationName, "kms." + span.GetTagItem("op"));
            KeyId key = KeyId.Parse((string)span.GetTagItem("kid")!);
            Assert.False(key.IsLatest);
            Assert.Equal(key.Algorithm.Name, span.GetTagItem("alg"));
            Assert.Equal(false, span.GetTagItem("hybrid"));
            Assert.Equal("ok", span.GetTagItem("result"));
            Assert.Equal(Correlation, span.GetTagItem("corr_id"));
            Assert.Equal(ActivityStatusCode.Unset, span.Status);
            Assert.Empty(span.Events);
        });
    }

    [Fact]
    public void A_failure_is_told_by_its_kind()
    {
        _keystore.Disable(_keys.Signing);
        _stopped.Clear();

        Assert.Throws<KmsException>(() => _keystore.Sign(_keys.Signing, "m"u8));

        Activity span = Assert.Single(_stopped);
        Assert.Equal("KeyDisabled", span.GetTagItem("result"));
        Assert.Equal((ActivityStatusCode.Error, "KeyDisabled"), (span.Status, span.StatusDescription));
        Assert.Null(span.GetTagItem("corr_id"));
    }

    [Fact]
    public void An_operation_that_a_guard_fails_at_the_end_ends_its_span_as_failed()
    {
        RecordingGuard guard = new() { OnAfter = (_, _) => throw new KmsException(KmsError.Denied, "Denied for the test.") };
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { Guards = { guard } });

        Assert.Throws<KmsException>(() => keystore.Create("acme", "p", KeyAlgorithm.Ed25519));

        Assert.Equal("Denied", Assert.Single(_stopped).GetTagItem("result"));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public void A_span_is_the_child_of_the_caller_s()
    {
        using Activity outer = new Activity("outer").Start();

        _keystore.Sign(_keys.Signing, "m"u8);

        Assert.Equal(outer.SpanId, Assert.Single(_stopped).ParentSpanId);
        Assert.Same(outer, Activity.Current);
    }
}
