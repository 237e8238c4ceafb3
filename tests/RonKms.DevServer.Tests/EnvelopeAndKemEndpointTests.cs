namespace RonKms.DevServer.Tests;

public sealed class EnvelopeAndKemEndpointTests
{
    [Theory]
    [InlineData("aes256gcm")]
    [InlineData("chacha20poly1305")]
    public async Task What_was_wrapped_is_unwrapped_with_the_same_associated_data_alone(string algorithm)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync(algorithm);
        Answer wrapped = await harness.PostAsync("/wrap", $$"""{"kid":"{{kid}}","payload_b3":"{{RunningHarness.Payload}}","aad_b3":"AAAA"}""");
        string envelope = wrapped.Text("envelope_b3");

        Answer opened = await harness.PostAsync("/unwrap", $$"""{"kid":"{{kid}}","envelope_b3":"{{envelope}}","aad_b3":"AAAA"}""");
        Answer refused = await harness.PostAsync("/unwrap", $$"""{"kid":"{{kid}}","envelope_b3":"{{envelope}}"}""");

        Assert.Equal(RunningHarness.Payload, opened.Text("payload_b3"));
        refused.IsProblem(422, "DecryptionFailed");
    }

    [Theory]
    [InlineData("x25519")]
    [InlineData("mlkem768")]
    [InlineData("xwing")]
    public async Task Both_sides_have_the_same_secret(string algorithm)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync(algorithm);

        Answer made = await harness.PostAsync("/encap", $$"""{"kid":"{{kid}}"}""");
        Answer found = await harness.PostAsync("/decap", $$"""{"kid":"{{made.Text("kid")}}","ciphertext_b3":"{{made.Text("ciphertext_b3")}}"}""");

        Assert.Equal(32, made.Bytes("secret_b3").Length);
        Assert.Equal(made.Text("secret_b3"), found.Text("secret_b3"));
    }

    [Fact]
    public async Task A_key_of_another_kind_is_malformed()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();

        (await harness.PostAsync("/wrap", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""")).IsProblem(400, "Malformed", "kid");
        (await harness.PostAsync("/unwrap", $$"""{"kid":"{{kid}}","envelope_b3":"AAAA"}""")).IsProblem(400, "Malformed", "kid");
        (await harness.PostAsync("/encap", $$"""{"kid":"{{kid}}"}""")).IsProblem(400, "Malformed", "kid");
        (await harness.PostAsync("/decap", $$"""{"kid":"{{kid}}","ciphertext_b3":"AAAA"}""")).IsProblem(400, "Malformed", "kid");
    }

    [Theory]
    [InlineData("/encap", """{"kid":"auth.signing#v1"}""", "algorithm")]
    [InlineData("/wrap", """{"kid":"auth.signing#v1","payload_b3":"AAAA"}""", "algorithm")]
    [InlineData("/sign", """{"kid":"auth.agreeing#v1","payload_b3":"AAAA"}""", "algorithm")]
    [InlineData("/decap", """{"kid":"auth.agreeing#latest","ciphertext_b3":"AAAA"}""", "version")]
    [InlineData("/verify", """{"payload_b3":"AAAA","sigs":[{"alg":"Ed25519","sig_b3":"AAAA","kid":"auth.signing#latest"}]}""", "version")]
    [InlineData("/keys", """{"tenant":"auth","purpose":"signing","alg":"X-Wing"}""", "docs/algorithms.md")]
    public async Task What_to_name_instead_is_told(string path, string request, string told)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();
        await harness.CreateAsync("x25519", "agreeing");

        Answer answer = await harness.PostAsync(path, request);

        Assert.Equal((400, "Malformed"), (answer.Status, answer.Text("error")));
        Assert.Contains(told, answer.Text("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ciphertext_that_does_not_open_is_refused()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync("x25519");

        (await harness.PostAsync("/decap", $$"""{"kid":"{{kid}}","ciphertext_b3":"AAAA"}""")).IsProblem(422, "DecryptionFailed");
        (await harness.PostAsync("/decap", $$"""{"kid":"{{kid.Replace("#v1", "#latest", StringComparison.Ordinal)}}","ciphertext_b3":"AAAA"}""")).IsProblem(400, "Malformed", "kid");
    }

    [Theory]
    [InlineData("#v2")]
    [InlineData("#latest")]
    [InlineData("#v1")]
    public async Task A_capability_for_one_version_opens_no_envelope_of_another(string named)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync("aes256gcm");
        string key = kid[..kid.IndexOf('#', StringComparison.Ordinal)];
        string first = (await harness.PostAsync("/wrap", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""")).Text("envelope_b3");
        Assert.Equal(200, (await harness.PostAsync($"/keys/{Uri.EscapeDataString(kid)}/rotate", body: null)).Status);
        string second = (await harness.PostAsync("/wrap", $$"""{"kid":"{{key}}#v2","payload_b3":"AAAA"}""")).Text("envelope_b3");

        Answer other = await harness.PostAsync(
            "/unwrap", $$"""{"kid":"{{key}}{{named}}","envelope_b3":"{{first}}"}""", harness.Root().AddFirstPartyCaveat($"kid={key}#v2"));
        Answer own = await harness.PostAsync(
            "/unwrap", $$"""{"kid":"{{key}}#v2","envelope_b3":"{{second}}"}""", harness.Root().AddFirstPartyCaveat($"kid={key}#v2"));
        Answer any = await harness.PostAsync(
            "/unwrap", $$"""{"kid":"{{key}}{{named}}","envelope_b3":"{{first}}"}""", harness.Root().AddFirstPartyCaveat($"kid={key}").AddFirstPartyCaveat("nonce=a"));

        other.IsProblem(403, "CapabilityMissing");
        Assert.Equal(200, own.Status);
        Assert.Equal(200, any.Status);
    }
}
