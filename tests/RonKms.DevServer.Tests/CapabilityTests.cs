using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RonKms.Capabilities;

namespace RonKms.DevServer.Tests;

public sealed class CapabilityTests
{
    private const string Sign = """{"kid":"auth.signing#latest","payload_b3":"AAAA"}""";

    public static TheoryData<string, string, string?, string> Endpoints => new()
    {
        { "POST", "/keys", """{"tenant":"auth","purpose":"signing"}""", "kms:rotate" },
        { "POST", "/keys/UUID/rotate", null, "kms:rotate" },
        { "GET", "/keys", null, "kms:read" },
        { "GET", "/keys/UUID", null, "kms:read" },
        { "GET", "/journal", null, "kms:read" },
        { "POST", "/sign", Sign, "kms:sign" },
        { "POST", "/verify", """{"payload_b3":"AAAA","sigs":[{"alg":"Ed25519","sig_b3":"AAAA","kid":"KID"}]}""", "kms:read" },
        { "POST", "/wrap", """{"kid":"auth.wrapping#latest","payload_b3":"AAAA"}""", "kms:wrap" },
        { "POST", "/unwrap", """{"kid":"auth.wrapping#latest","envelope_b3":"AAAA"}""", "kms:wrap" },
        { "POST", "/encap", """{"kid":"auth.agreeing#latest"}""", "kms:wrap" },
        { "POST", "/decap", """{"kid":"auth.agreeing#v1","ciphertext_b3":"AAAA"}""", "kms:wrap" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task An_endpoint_takes_its_own_scope_and_no_other(string method, string path, string? body, string scope)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        await harness.CreateAsync("aes256gcm", "wrapping");
        await harness.CreateAsync("x25519", "agreeing");
        path = path.Replace("UUID", KeyId.Parse(kid).Uuid.ToString(), StringComparison.Ordinal);
        body = body?.Replace("KID", kid, StringComparison.Ordinal);
        HttpMethod verb = new(method);
        string others = string.Join(',', new[] { "kms:read", "kms:sign", "kms:rotate", "kms:wrap" }.Where(other => other != scope));

        Answer with = await harness.SendAsync(verb, path, body, harness.Root().AddFirstPartyCaveat($"scope={scope}"));
        Answer without = await harness.SendAsync(verb, path, body, harness.Root().AddFirstPartyCaveat($"scope={others}"));
        Answer bare = await harness.SendAsync(verb, path, body, capability: null, request => request.Headers.Authorization = null);

        Assert.NotInRange(with.Status, 401, 403);
        Assert.NotEqual(500, with.Status);
        without.IsProblem(403, "CapabilityMissing");
        bare.IsProblem(401, "CapabilityMissing");
        Assert.Equal("Bearer", bare.Headers["WWW-Authenticate"]);
    }

    [Theory]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer {}")]
    public async Task A_header_that_holds_no_macaroon_is_as_none(string header)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.SendAsync(HttpMethod.Get, "/keys", body: null, capability: null, request =>
        {
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", header);
        });

        answer.IsProblem(401, "CapabilityMissing");
    }

    [Theory]
    [InlineData("tenant=billing")]
    [InlineData("scope=kms:read")]
    [InlineData("alg=p256")]
    [InlineData("kid=auth/signing/ed25519/0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData("kid=auth/signing/ed25519/0f8fad5b-d9cb-469f-a165-70867728950e#v1")]
    [InlineData("exp=2029-12-31T23:59:59Z")]
    [InlineData("nonce= ")]
    [InlineData("rps=0")]
    [InlineData("colour=red")]
    public async Task A_caveat_that_does_not_hold_refuses(string caveat)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();

        Answer narrowed = await harness.PostAsync("/sign", Sign, harness.Root().AddFirstPartyCaveat(caveat));

        narrowed.IsProblem(403, "CapabilityMissing");
        Assert.Equal(200, (await harness.PostAsync("/sign", Sign)).Status);
    }

    [Fact]
    public async Task Caveats_that_hold_permit()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        Macaroon narrowed = harness.Root().AddFirstPartyCaveat("tenant=auth").AddFirstPartyCaveat("scope=kms:sign").AddFirstPartyCaveat("alg=ed25519")
            .AddFirstPartyCaveat($"kid={kid}").AddFirstPartyCaveat("exp=2030-01-01T00:00:01Z").AddFirstPartyCaveat("nonce=a").AddFirstPartyCaveat("rps=5");

        Answer answer = await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""", narrowed);

        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task It_ends_when_its_time_is_over()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon root = harness.Root();
        Macaroon narrowed = root.AddFirstPartyCaveat("exp=2030-01-01T00:01:00Z");
        Assert.Equal(200, (await harness.GetAsync("/keys", narrowed)).Status);

        harness.Time.Advance(TimeSpan.FromMinutes(1));
        Answer later = await harness.GetAsync("/keys", narrowed);
        Answer rootLater = await harness.GetAsync("/keys", root);
        harness.Time.Advance(HarnessKeystore.RootLifetime);
        Answer rootAtTheEnd = await harness.GetAsync("/keys", root);

        later.IsProblem(403, "CapabilityMissing");
        Assert.Equal(200, rootLater.Status);
        rootAtTheEnd.IsProblem(403, "CapabilityMissing");
    }

    [Fact]
    public async Task A_nonce_is_good_once_and_a_request_for_several_keys_is_one_use()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string[] kids = [await harness.CreateAsync(), await harness.CreateAsync()];
        string request = $$"""{"kid_set":["{{kids[0]}}","{{kids[1]}}"],"payload_b3":"AAAA"}""";
        Macaroon once = harness.Root().AddFirstPartyCaveat("nonce=7f3a");

        Answer first = await harness.PostAsync("/sign", request, once);
        Answer replayed = await harness.PostAsync("/sign", request, once);

        Assert.Equal(200, first.Status);
        replayed.IsProblem(403, "CapabilityMissing");
        Assert.Contains(harness.LogLines, line => line.TryGetProperty("result", out var result) && result.GetString() == "Replayed");
    }

    [Fact]
    public async Task More_requests_a_second_than_permitted_are_refused_until_the_next()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon slow = harness.Root().AddFirstPartyCaveat("rps=2");

        int[] first = [(await harness.GetAsync("/keys", slow)).Status, (await harness.GetAsync("/keys", slow)).Status];
        Answer third = await harness.GetAsync("/keys", slow);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        Answer later = await harness.GetAsync("/keys", slow);

        Assert.Equal([200, 200], first);
        third.IsProblem(429, "RateLimited");
        Assert.Equal("1", third.Headers["Retry-After"]);
        Assert.Equal(200, later.Status);
    }

    [Fact]
    public async Task A_revoked_one_and_all_made_from_it_permit_nothing_and_others_do()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon root = harness.Root();
        Macaroon narrowed = root.AddFirstPartyCaveat("scope=kms:read");

        Answer before = await harness.GetAsync("/keys", narrowed);
        Answer revoked = await harness.PostAsync("/revoke", body: null, root);

        Assert.Equal(200, before.Status);
        Assert.Equal(200, revoked.Status);
        (await harness.GetAsync("/keys", root)).IsProblem(403, "CapabilityMissing");
        (await harness.GetAsync("/keys", narrowed)).IsProblem(403, "CapabilityMissing");
        Assert.Equal(200, (await harness.GetAsync("/keys", harness.Root())).Status);
    }

    [Theory]
    [InlineData("scope=kms:rotate,kms:read")]
    [InlineData("alg=ed25519")]
    [InlineData("exp=2030-01-01T00:00:01Z")]
    [InlineData("nonce=a")]
    [InlineData("rps=5")]
    public async Task A_narrowed_one_does_not_revoke_its_root(string caveat)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon root = harness.Root();

        Answer answer = await harness.PostAsync("/revoke", body: null, root.AddFirstPartyCaveat(caveat));

        answer.IsProblem(403, "CapabilityMissing");
        Assert.Equal(200, (await harness.GetAsync("/keys", root)).Status);
    }

    [Fact]
    public async Task A_third_party_is_not_asked()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon demanding = harness.Root().AddThirdPartyCaveat("https://login.example/", RandomNumberGenerator.GetBytes(32), "login 4711"u8.ToArray());

        (await harness.GetAsync("/keys", demanding)).IsProblem(403, "CapabilityMissing");
    }

    [Fact]
    public async Task One_of_another_run_is_refused()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await using RunningHarness other = await RunningHarness.StartAsync();

        (await harness.GetAsync("/keys", other.Root())).IsProblem(403, "CapabilityMissing");
    }

    [Fact]
    public async Task Tenants_do_not_see_or_use_each_others_keys()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        Macaroon billing = harness.Root("billing");

        Assert.Equal(0, (await harness.GetAsync("/keys", billing)).Json.GetProperty("keys").GetArrayLength());
        (await harness.GetAsync($"/keys/{KeyId.Parse(kid).Uuid}", billing)).IsProblem(404, "NoSuchKey");
        (await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""", billing)).IsProblem(403, "CapabilityMissing");
        (await harness.PostAsync("/sign", Sign, billing)).IsProblem(400, "Malformed", "kid");
        (await harness.PostAsync("/keys", """{"tenant":"auth","purpose":"signing"}""", billing)).IsProblem(403, "CapabilityMissing");
    }

    [Fact]
    public async Task Another_tenants_key_under_ones_own_name_is_no_key()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string kid = await harness.CreateAsync();
        string claimed = "billing" + kid["auth".Length..];
        string wrapping = "billing" + (await harness.CreateAsync("aes256gcm"))["auth".Length..];
        Macaroon billing = harness.Root("billing");

        (await harness.PostAsync("/sign", $$"""{"kid":"{{claimed}}","payload_b3":"AAAA"}""", billing)).IsProblem(404, "NoSuchKey");
        (await harness.PostAsync("/verify", $$"""{"payload_b3":"AAAA","sigs":[{"alg":"Ed25519","sig_b3":"AAAA","kid":"{{claimed}}"}]}""", billing)).IsProblem(404, "NoSuchKey");
        (await harness.PostAsync("/wrap", $$"""{"kid":"{{wrapping}}","payload_b3":"AAAA"}""", billing)).IsProblem(404, "NoSuchKey");
        (await harness.GetAsync($"/keys/{Uri.EscapeDataString(claimed)}", billing)).IsProblem(404, "NoSuchKey");
        (await harness.PostAsync($"/keys/{Uri.EscapeDataString(claimed)}/rotate", body: null, billing)).IsProblem(404, "NoSuchKey");
    }

    [Fact]
    public async Task A_capability_of_the_library_itself_reaches_none_of_its_keys()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon own = harness.Root("ronkms");
        string kid = JsonElement.Parse((await harness.GetAsync("/journal", own)).Json.GetProperty("lines")[1].GetProperty("line").GetString()!).GetProperty("kid").GetString()!;

        (await harness.PostAsync("/sign", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""", own)).IsProblem(400, "Malformed", "kid");
        (await harness.PostAsync("/wrap", $$"""{"kid":"{{kid}}","payload_b3":"AAAA"}""", own)).IsProblem(400, "Malformed", "kid");
    }

    [Fact]
    public async Task A_forged_one_is_refused_without_waiting_for_the_body()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        Macaroon forged = Macaroon.Create(null, RandomNumberGenerator.GetBytes(32), harness.Root().Identifier.Span).AddFirstPartyCaveat("tenant=auth");

        await IsRefusedBeforeTheBody(harness, forged);
    }

    [Fact]
    public async Task A_revoked_one_that_was_used_before_is_refused_without_waiting_for_the_body()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();
        Macaroon root = harness.Root();

        Assert.Equal(200, (await harness.PostAsync("/revoke", body: null, root)).Status);

        await IsRefusedBeforeTheBody(harness, root);
    }

    private static async Task IsRefusedBeforeTheBody(RunningHarness harness, Macaroon refused)
    {
        using TcpClient client = new();
        await client.ConnectAsync("127.0.0.1", harness.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
        NetworkStream stream = client.GetStream();

        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /v1/kms/sign HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {refused.SerializeToText()}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"),
            TestContext.Current.CancellationToken);
        byte[] status = new byte["HTTP/1.1 403".Length];
        await stream.ReadExactlyAsync(status, TestContext.Current.CancellationToken);

        Assert.Equal("HTTP/1.1 403", Encoding.ASCII.GetString(status));
    }

    [Theory]
    [InlineData("auth.signing#v1")]
    [InlineData("auth.nothing#v1")]
    public async Task A_forged_one_does_not_learn_whether_a_key_is_there(string name)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();
        Macaroon forged = Macaroon.Create(null, RandomNumberGenerator.GetBytes(32), harness.Root().Identifier.Span).AddFirstPartyCaveat("tenant=auth");

        Answer answer = await harness.PostAsync("/sign", $$"""{"kid":"{{name}}","payload_b3":"AAAA"}""", forged);

        answer.IsProblem(403, "CapabilityMissing");
    }
}
