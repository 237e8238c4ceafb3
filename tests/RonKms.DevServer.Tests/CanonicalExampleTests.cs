using System.Text.Json;

namespace RonKms.DevServer.Tests;

/// <summary>The examples of the canonical HTTP interface, as they are written there.</summary>
public sealed class CanonicalExampleTests
{
    private const string SignRequest = """
        {
          "kid": "auth.signing#v3",
          "payload_b3": "SGVsbG8sIFJ1c3R5T25pb25zIQ==",
          "alg": "Ed25519"
        }
        """;

    [Fact]
    public async Task The_sign_example_is_answered_with_both_signatures_in_hybrid_mode()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync(new HarnessOptions { PqMode = PqMode.Hybrid });
        string kid = await CreateThreeVersionsAsync(harness, """{"tenant":"auth","purpose":"signing"}""");

        Answer answer = await harness.PostAsync("/sign", SignRequest);

        Assert.Equal(200, answer.Status);
        Assert.Equal(["ok", "sigs", "attestation"], answer.Members);
        Assert.True(answer.Json.GetProperty("ok").GetBoolean());
        JsonElement[] signatures = [.. answer.Json.GetProperty("sigs").EnumerateArray()];
        Assert.Equal(2, signatures.Length);
        Assert.Equal("Ed25519", signatures[0].GetProperty("alg").GetString());
        Assert.False(signatures[0].TryGetProperty("hybrid", out _));
        Assert.Equal(64, signatures[0].GetProperty("sig_b3").GetBytesFromBase64().Length);
        Assert.Equal("ML-DSA", signatures[1].GetProperty("alg").GetString());
        Assert.True(signatures[1].GetProperty("hybrid").GetBoolean());
        Assert.Equal(3309, signatures[1].GetProperty("sig_b3").GetBytesFromBase64().Length);
        Assert.All(signatures, signature => Assert.Equal(kid, signature.GetProperty("kid").GetString()));
        IsTheAttestation(answer, harness);
    }

    [Fact]
    public async Task The_sign_example_is_answered_with_one_signature_in_classical_mode()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await CreateThreeVersionsAsync(harness, """{"tenant":"auth","purpose":"signing","alg":"Ed25519"}""");

        Answer answer = await harness.PostAsync("/sign", SignRequest);

        Assert.Equal(200, answer.Status);
        JsonElement signature = Assert.Single(answer.Json.GetProperty("sigs").EnumerateArray());
        Assert.Equal("Ed25519", signature.GetProperty("alg").GetString());
        IsTheAttestation(answer, harness);
    }

    [Theory]
    [InlineData(PqMode.Classical)]
    [InlineData(PqMode.Hybrid)]
    [InlineData(PqMode.PostQuantum)]
    public async Task What_sign_answers_verify_takes_as_it_is(PqMode mode)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync(new HarnessOptions { PqMode = mode });
        await CreateThreeVersionsAsync(harness, """{"tenant":"auth","purpose":"signing"}""");
        Answer signed = await harness.PostAsync("/sign", $$"""{"kid":"auth.signing#v3","payload_b3":"{{RunningHarness.Payload}}"}""");
        string signatures = signed.Json.GetProperty("sigs").GetRawText();

        Answer good = await harness.PostAsync("/verify", $$"""{"payload_b3":"{{RunningHarness.Payload}}","sigs":{{signatures}},"policy":"both"}""");
        Answer bad = await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":{{signatures}},"policy":"both"}""");

        Assert.Equal(["ok", "details"], good.Members);
        Assert.True(good.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(200, bad.Status);
        Assert.False(bad.Json.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Keys_are_listed_as_in_the_examples_of_curl()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();

        Answer answer = await harness.GetAsync("/v1/kms/keys");

        JsonElement key = Assert.Single(answer.Json.GetProperty("keys").EnumerateArray());
        Assert.Equal(kid, key.GetProperty("kid").GetString());
    }

    private static async Task<string> CreateThreeVersionsAsync(RunningHarness harness, string request)
    {
        Answer created = await harness.PostAsync("/keys", request);
        Assert.Equal(201, created.Status);
        Assert.Equal(["kid"], created.Members);
        string path = $"/keys/{Uri.EscapeDataString(created.Text("kid").Replace("#v1", "#latest", StringComparison.Ordinal))}/rotate";
        _ = await harness.PostAsync(path, body: null);
        Answer third = await harness.PostAsync(path, body: null);
        Assert.EndsWith("#v3", third.Text("kid"), StringComparison.Ordinal);
        return third.Text("kid");
    }

    private static void IsTheAttestation(Answer answer, RunningHarness harness)
    {
        JsonElement attestation = answer.Json.GetProperty("attestation");
        Assert.Equal("auth.signing#v3", attestation.GetProperty("kid").GetString());
        Assert.Equal(harness.Time.GetUtcNow().ToUnixTimeMilliseconds(), attestation.GetProperty("created_ms").GetInt64());
        Assert.Equal(2, attestation.EnumerateObject().Count());
    }
}
