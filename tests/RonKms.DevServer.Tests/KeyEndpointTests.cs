using System.Text.Json;

namespace RonKms.DevServer.Tests;

public sealed class KeyEndpointTests
{
    [Fact]
    public async Task A_key_is_made_with_its_policy_and_shown_under_its_address()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        long notAfter = harness.Time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();

        Answer created = await harness.PostAsync(
            "/keys", $$$"""{"tenant":"auth","purpose":"signing","alg":"ed25519","policy":{"labels":{"team":"a"},"not_after_ms":{{{notAfter}}} }}""");
        Answer shown = await harness.GetAsync(created.Headers["Location"]);

        Assert.Equal(201, created.Status);
        Assert.Equal(created.Text("kid"), shown.Text("kid"));
        Assert.Equal("Ed25519", shown.Text("alg"));
        Assert.Equal("enabled", shown.Json.GetProperty("state").GetProperty("state").GetString());
        Assert.Equal(notAfter, shown.Json.GetProperty("state").GetProperty("not_after_ms").GetInt64());
        Assert.Equal(32, shown.Bytes("public_b3").Length);
        Assert.StartsWith("-----BEGIN PUBLIC KEY-----", shown.Text("public_pem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_shown_by_uuid_and_number_or_by_its_whole_name_escaped()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string first = await harness.CreateAsync();
        string uuid = UuidOf(first);
        await harness.PostAsync($"/keys/{uuid}/rotate", body: null);

        Answer latest = await harness.GetAsync($"/keys/{uuid}");
        Answer byNumber = await harness.GetAsync($"/keys/{uuid}?version=1");
        Answer byName = await harness.GetAsync($"/keys/{Uri.EscapeDataString(first)}");

        Assert.Equal(first.Replace("#v1", "#v2", StringComparison.Ordinal), latest.Text("kid"));
        Assert.Equal(first, byNumber.Text("kid"));
        Assert.Equal(first, byName.Text("kid"));
        Assert.Equal([1u, 2u], latest.Json.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetUInt32()));
    }

    [Fact]
    public async Task A_symmetric_key_has_nothing_public()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync("aes256gcm");

        Answer shown = await harness.GetAsync($"/keys/{UuidOf(kid)}");

        Assert.Equal(200, shown.Status);
        Assert.Equal(["kid", "alg", "hybrid", "state", "versions"], shown.Members);
    }

    [Theory]
    [InlineData("Ed25519", true)]
    [InlineData("p256", true)]
    [InlineData("x25519", true)]
    [InlineData("mldsa65", true)]
    [InlineData("mlkem768", true)]
    [InlineData("xwing", true)]
    [InlineData("composite-mldsa65-ed25519", true)]
    [InlineData("ed25519+mldsa65", false)]
    public async Task A_key_of_any_algorithm_is_shown_in_PEM_where_a_standard_has_it(string algorithm, bool hasPem)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync(algorithm);

        Answer shown = await harness.GetAsync($"/keys/{UuidOf(kid)}");

        Assert.Equal(200, shown.Status);
        Assert.Equal(hasPem, shown.Members.Contains("public_pem"));
        Assert.Equal(KeyId.Parse(kid).Algorithm.PublicKeySize, shown.Bytes("public_b3").Length);
    }

    [Fact]
    public async Task Rotating_a_version_that_is_not_the_latest_is_refused()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string first = await harness.CreateAsync();
        string path = $"/keys/{Uri.EscapeDataString(first)}/rotate";

        Answer once = await harness.PostAsync(path, body: null);
        Answer again = await harness.PostAsync(path, body: null);

        Assert.EndsWith("#v2", once.Text("kid"), StringComparison.Ordinal);
        again.IsProblem(409, "NotLatestVersion");
    }

    [Fact]
    public async Task An_expired_key_signs_no_more_and_is_shown_as_expired()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        long soon = harness.Time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds();
        Answer created = await harness.PostAsync("/keys", $$$"""{"tenant":"auth","purpose":"signing","policy":{"not_after_ms":{{{soon}}} }}""");
        harness.Time.Advance(TimeSpan.FromMinutes(2));

        Answer signed = await harness.PostAsync("/sign", $$"""{"kid":"{{created.Text("kid")}}","payload_b3":"AAAA"}""");
        Answer listed = await harness.GetAsync("/keys");

        signed.IsProblem(409, "Expired");
        JsonElement key = Assert.Single(listed.Json.GetProperty("keys").EnumerateArray());
        Assert.Equal("expired", key.GetProperty("state").GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("""{"tenant":"auth","purpose":"signing","alg":"ed25519","policy":{"not_after_ms":1}}""", "policy")]
    [InlineData("""{"tenant":"auth","purpose":"signing","policy":{"labels":{"a b":"c"}}}""", "policy")]
    [InlineData("""{"tenant":"auth","purpose":"signing","policy":{"not_after_ms":-1}}""", "not_after_ms")]
    [InlineData("""{"tenant":"auth","purpose":"a b","alg":"ed25519"}""", "purpose")]
    [InlineData("""{"tenant":"","purpose":"signing"}""", "tenant")]
    [InlineData("""{"tenant":"auth","purpose":"signing","alg":"rot13"}""", "alg")]
    [InlineData("""{"tenant":"auth","purpose":"ronkms.attest","alg":"ed25519"}""", "purpose")]
    public async Task A_key_that_cannot_be_is_malformed(string request, string field)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.PostAsync("/keys", request);

        answer.IsProblem(400, "Malformed", field);
    }

    [Theory]
    [InlineData("/keys/0f8fad5b-d9cb-469f-a165-70867728950e", 404, "NoSuchKey")]
    [InlineData("/keys/auth%2Fsigning%2Fed25519%2F0f8fad5b-d9cb-469f-a165-70867728950e%23v1", 404, "NoSuchKey")]
    [InlineData("/keys/auth.signing%23v1", 404, "NoSuchKey")]
    [InlineData("/keys/0f8fad5b-d9cb-469f-a165-70867728950e?version=x", 400, "Malformed", "version")]
    public async Task What_is_not_there_is_not_found(string path, int status, string error, params string[] fields)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.GetAsync(path);

        answer.IsProblem(status, error, fields);
    }

    [Fact]
    public async Task A_version_zero_and_a_version_beside_a_whole_name_are_malformed()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();

        (await harness.GetAsync($"/keys/{UuidOf(kid)}?version=0")).IsProblem(400, "Malformed", "version");
        (await harness.GetAsync($"/keys/{Uri.EscapeDataString(kid)}?version=1")).IsProblem(400, "Malformed", "version");
        (await harness.GetAsync("/keys/nonsense")).IsProblem(400, "Malformed", "kid");
        (await harness.PostAsync($"/keys/{UuidOf(kid)}/rotate", "{}")).IsProblem(400, "Malformed");
    }

    [Fact]
    public async Task Hybrid_mode_refuses_a_classical_key()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync(new HarnessOptions { PqMode = PqMode.Hybrid });

        Answer answer = await harness.PostAsync("/keys", """{"tenant":"auth","purpose":"signing","alg":"Ed25519"}""");

        answer.IsProblem(422, "DowngradeRefused");
    }

    private static string UuidOf(string kid) => KeyId.Parse(kid).Uuid.ToString();
}
