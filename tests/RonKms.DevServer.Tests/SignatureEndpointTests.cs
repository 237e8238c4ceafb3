namespace RonKms.DevServer.Tests;

public sealed class SignatureEndpointTests
{
    [Fact]
    public async Task Several_keys_sign_at_once_and_all_are_verified_at_once()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string[] kids = [await harness.CreateAsync(), await harness.CreateAsync("p256"), await harness.CreateAsync("mldsa44"), await harness.CreateAsync("ed25519+mldsa65")];

        Answer signed = await harness.PostAsync("/sign", $$"""{"kid_set":["{{string.Join("\",\"", kids)}}"],"payload_b3":"{{RunningHarness.Payload}}"}""");
        string signatures = signed.Json.GetProperty("sigs").GetRawText();
        Answer verified = await harness.PostAsync("/verify", $$"""{"payload_b3":"{{RunningHarness.Payload}}","sigs":{{signatures}}}""");

        Assert.Equal(["ok", "sigs"], signed.Members);
        Assert.Equal(5, signed.Json.GetProperty("sigs").GetArrayLength());
        Assert.True(verified.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(kids, verified.Json.GetProperty("details").EnumerateArray().Select(detail => detail.GetProperty("kid").GetString()!));
    }

    [Theory]
    [InlineData("both", 0, false)]
    [InlineData("either", 0, true)]
    [InlineData("pq", 0, false)]
    [InlineData("both", 1, false)]
    [InlineData("either", 1, true)]
    [InlineData("pq", 1, true)]
    public async Task One_half_of_a_hybrid_does_where_the_policy_takes_it(string policy, int half, bool expected)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync("ed25519+mldsa65");
        Answer signed = await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"{{RunningHarness.Payload}}"}""");
        string one = signed.Json.GetProperty("sigs")[half].GetRawText();

        Answer verified = await harness.PostAsync("/verify", $$"""{"payload_b3":"{{RunningHarness.Payload}}","sigs":[{{one}}],"policy":"{{policy}}"}""");

        Assert.Equal(200, verified.Status);
        Assert.Equal(expected, verified.Json.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Hybrid_mode_refuses_to_take_the_classical_half_alone()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync(new HarnessOptions { PqMode = PqMode.Hybrid });
        string kid = await harness.CreateAsync("ed25519+mldsa65");
        Answer signed = await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""");

        Answer verified = await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":[{{signed.Json.GetProperty("sigs")[0].GetRawText()}}],"policy":"either"}""");

        verified.IsProblem(422, "DowngradeRefused");
    }

    [Fact]
    public async Task A_version_that_was_rotated_verifies_and_signs_no_more()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        string request = $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""";
        Answer signed = await harness.PostAsync("/sign", request);
        await harness.PostAsync($"/keys/{KeyId.Parse(kid).Uuid}/rotate", body: null);

        Answer verified = await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":{{signed.Json.GetProperty("sigs").GetRawText()}}}""");

        Assert.True(verified.Json.GetProperty("ok").GetBoolean());
        (await harness.PostAsync("/sign", request)).IsProblem(409, "NotLatestVersion");
    }

    [Theory]
    [InlineData("""{"payload_b3":"AAAA"}""", "kid", "kid_set")]
    [InlineData("""{"payload_b3":"AAAA","kid":"KID","kid_set":["KID"]}""", "kid", "kid_set")]
    [InlineData("""{"payload_b3":"AAAA","kid_set":[]}""", "kid", "kid_set")]
    [InlineData("""{"payload_b3":"AAAA","kid_set":["KID",null]}""", "kid", "kid_set")]
    [InlineData("""{"payload_b3":"AAAA","kid_set":["KID","K","K","K","K","K","K","K","K","K","K","K","K","K","K","K","K"]}""", "kid", "kid_set")]
    [InlineData("""{"payload_b3":"AAAA","kid":"auth.signing"}""", "kid")]
    [InlineData("""{"payload_b3":"AAAA","kid":"auth.signing#v0"}""", "kid")]
    [InlineData("""{"payload_b3":"AAAA","kid":"auth.signing#v01"}""", "kid")]
    [InlineData("""{"payload_b3":"AAAA","kid":"other.signing#v1"}""", "kid")]
    [InlineData("""{"payload_b3":"AAAA","kid":"KID","alg":"ML-DSA"}""", "alg")]
    [InlineData("""{"payload_b3":"AAAA","kid":"KID","alg":"rot13"}""", "alg")]
    [InlineData("""{"payload_b3":"AAAA","kid":"WRAPPING"}""", "kid")]
    public async Task A_request_to_sign_that_means_nothing_is_malformed(string request, params string[] fields)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        request = request.Replace("KID", await harness.CreateAsync(), StringComparison.Ordinal)
            .Replace("WRAPPING", await harness.CreateAsync("aes256gcm"), StringComparison.Ordinal);

        Answer answer = await harness.PostAsync("/sign", request);

        answer.IsProblem(400, "Malformed", fields);
    }

    [Theory]
    [InlineData("""[]""", "sigs")]
    [InlineData("""[null]""", "sigs")]
    [InlineData("""[{"alg":"Ed25519","sig_b3":"AAAA"}]""", "kid")]
    [InlineData("""[{"alg":"Ed25519","sig_b3":"AAAA","kid":"LATEST"}]""", "kid")]
    [InlineData("""[{"alg":"p256","sig_b3":"AAAA","kid":"KID"}]""", "sigs")]
    [InlineData("""[{"alg":"Ed25519","sig_b3":"AAAA","kid":"KID"},{"alg":"Ed25519","sig_b3":"AAAA","kid":"KID"}]""", "sigs")]
    [InlineData("""[{"alg":"Ed25519","kid":"KID"}]""", "sig_b3")]
    [InlineData("""[{"alg":"Ed25519","sig_b3":"AAAA","kid":"KID","x":1}]""", "unknown")]
    public async Task Signatures_that_mean_nothing_are_malformed(string signatures, string field)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        signatures = signatures.Replace("KID", kid, StringComparison.Ordinal).Replace("LATEST", kid.Replace("#v1", "#latest", StringComparison.Ordinal), StringComparison.Ordinal);

        Answer answer = await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":{{signatures}}}""");

        answer.IsProblem(400, "Malformed", field);
    }

    [Fact]
    public async Task A_signature_of_a_wrong_length_or_of_another_key_is_false()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();

        Answer answer = await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":[{"alg":"Ed25519","sig_b3":"AAAA","kid":"{{kid}}"}]}""");

        Assert.Equal(200, answer.Status);
        Assert.False(answer.Json.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task A_policy_that_is_none_is_malformed()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();

        Answer answer = await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":[{"alg":"Ed25519","sig_b3":"AAAA","kid":"{{kid}}"}],"policy":"any"}""");

        answer.IsProblem(400, "Malformed", "policy");
    }
}
