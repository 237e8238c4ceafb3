using System.Diagnostics;
using System.Text.Json;
using RonKms.Prometheus;

namespace RonKms.DevServer.Tests;

public sealed class DiagnosticTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_asks_for_no_capability(string path)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        using HttpResponseMessage response = await harness.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact]
    public async Task Metrics_count_what_was_done_and_what_failed_and_ask_for_no_capability()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        string request = $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""";
        await harness.PostAsync("/sign", request);
        await harness.PostAsync($"/keys/{KeyId.Parse(kid).Uuid}/rotate", body: null);
        await harness.PostAsync("/sign", request);

        using HttpResponseMessage response = await harness.Client.GetAsync("/metrics", TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(PrometheusExporter.ContentType, response.Content.Headers.ContentType!.ToString());
        Assert.Contains("kms_ops_total{op=\"sign\",alg=\"ed25519\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("kms_failures_total{op=\"sign\",kind=\"NotLatestVersion\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("kms_keys_total{alg=\"ed25519\",hybrid=\"0\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("kms_op_latency_seconds_count{op=\"sign\"} 2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_id_goes_through_answers_logs_and_spans()
    {
        List<Activity> spans = [];
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "RonKms",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                lock (spans)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.SendAsync(
            HttpMethod.Post,
            "/sign",
            """{"kid":"auth/signing/ed25519/0f8fad5b-d9cb-469f-a165-70867728950e#v1","payload_b3":"AAAA"}""",
            capability: null,
            request => request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-00f067aa0ba902b7-01"));

        answer.IsProblem(404, "NoSuchKey");
        Assert.Equal(TraceId, answer.Text("corr_id"));
        Assert.Contains(harness.LogLines, line => IsOf(line, "Failure", "sign"));
        Assert.Contains(harness.LogLines, line => IsOf(line, "Refused", "sign"));
        lock (spans)
        {
            Activity span = Assert.Single(spans, span => span.OperationName == "kms.sign" && span.TraceId.ToHexString() == TraceId);
            Assert.Equal(TraceId, span.GetTagItem("corr_id"));
        }

        static bool IsOf(JsonElement line, string name, string op) => line.GetProperty("event").GetString() == name
            && line.GetProperty("op").GetString() == op
            && line.GetProperty("corr_id").GetString() == TraceId;
    }

    [Fact]
    public async Task The_log_holds_nothing_but_what_it_may()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        Answer wrapped = await harness.PostAsync("/wrap", $$"""{"kid":"{{await harness.CreateAsync("aes256gcm")}}","payload_b3":"{{RunningHarness.Payload}}"}""");
        await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"{{RunningHarness.Payload}}"}""");
        await harness.PostAsync("/sign", $$"""{"kid":17,"payload_b3":"{{RunningHarness.Payload}}"}""");
        await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"{{RunningHarness.Payload}}"}""", harness.Root().AddFirstPartyCaveat("scope=kms:read"));
        await harness.GetAsync("/keys/a-path-that-somebody-mistyped");

        string[] allowed = ["time", "level", "event", "corr_id", "op", "kid", "alg", "result", "fields"];
        Assert.All(harness.LogLines, line => Assert.Empty(line.EnumerateObject().Select(member => member.Name).Except(allowed)));
        Assert.Contains(harness.LogLines, line => line.TryGetProperty("fields", out JsonElement fields) && fields.GetString() == "kid");
        Assert.Contains(harness.LogLines, line => line.TryGetProperty("result", out JsonElement result) && result.GetString() == "WrongScope");
        foreach (string secret in (string[])[RunningHarness.Payload, wrapped.Text("envelope_b3")[..24], harness.Root().SerializeToText()[..24], "mistyped", "127.0.0.1"])
        {
            Assert.DoesNotContain(secret, harness.Log, StringComparison.Ordinal);
        }
    }
}
