using System.Net;
using System.Text;

namespace RonKms.DevServer.Tests;

public sealed class RefusalTests
{
    private const int MaxBody = 1 << 20;

    public static TheoryData<string, string> Requests => new()
    {
        { "/keys", """{"tenant":"auth","purpose":"signing"}""" },
        { "/sign", """{"kid":"auth.signing#v1","payload_b3":"AAAA"}""" },
        { "/verify", """{"payload_b3":"AAAA","sigs":[]}""" },
        { "/wrap", """{"kid":"auth.wrapping#v1","payload_b3":"AAAA"}""" },
        { "/unwrap", """{"kid":"auth.wrapping#v1","envelope_b3":"AAAA"}""" },
        { "/encap", """{"kid":"auth.agreeing#v1"}""" },
        { "/decap", """{"kid":"auth.agreeing#v1","ciphertext_b3":"AAAA"}""" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_member_that_nobody_knows_is_refused_and_its_name_is_not_repeated(string path, string request)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.PostAsync(path, request[..^1] + ""","hunter2":"s3cr3t"}""");

        answer.IsProblem(400, "Malformed", "unknown");
        Assert.DoesNotContain("hunter2", answer.Body + harness.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", answer.Body + harness.Log, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_member_that_stands_twice_is_refused(string path, string request)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string member = request[1..].Split([',', '}'])[0];

        Answer answer = await harness.PostAsync(path, $$"""{{{member}},{{request[1..]}}""");

        answer.IsProblem(400, "Malformed", member.Split('"')[1]);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_member_of_another_type_is_refused(string path, string request)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string member = request.Split('"')[1];
        string value = request.Split('"')[3];

        foreach (string other in (string[])["17", "true", "{}", "[\"x\"]"])
        {
            Answer answer = await harness.PostAsync(path, request.Replace($"\"{value}\"", other, StringComparison.Ordinal));
            answer.IsProblem(400, "Malformed", member);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_member_that_is_missing_or_null_is_named(string path, string request)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer missing = await harness.PostAsync(path, "{}");

        Assert.Equal(400, missing.Status);
        Assert.NotEmpty(missing.Json.GetProperty("fields").EnumerateArray());
        Assert.All(missing.Json.GetProperty("fields").EnumerateArray(), field => Assert.Contains($"\"{field.GetString()}\"", request, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("{")]
    [InlineData("""{"kid":"auth.signing#v1","payload_b3":"AAAA"} x""")]
    [InlineData("""{"kid":"auth.signing#v1","payload_b3":"AAAA",}""")]
    [InlineData("""{"kid":"auth.signing#v1",/**/"payload_b3":"AAAA"}""")]
    [InlineData("""{"KID":"auth.signing#v1","payload_b3":"AAAA"}""")]
    public async Task What_is_no_document_of_the_form_is_refused(string body)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.PostAsync("/sign", body);

        Assert.Equal((400, "Malformed"), (answer.Status, answer.Text("error")));
    }

    [Fact]
    public async Task A_field_is_named_once_however_often_the_sender_writes_it()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string name = "missing required properties including: " + string.Concat(Enumerable.Repeat("'a' 'kid' ", 1000));

        Answer answer = await harness.PostAsync("/sign", $$"""{"{{name}}":1}""");

        answer.IsProblem(400, "Malformed", "unknown", "kid");
        Assert.True(harness.Log.Length < 2000);
    }

    [Theory]
    [InlineData("utf-16", 415)]
    [InlineData("utf-7", 415)]
    [InlineData("bogus", 415)]
    [InlineData("\"utf-8\"", 415)]
    [InlineData("UTF-8", 200)]
    public async Task A_document_is_UTF_8(string charset, int status)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        string body = $$"""{"kid":"{{await harness.CreateAsync()}}","payload_b3":"AAAA"}""";

        Answer answer = await harness.SendAsync(HttpMethod.Post, "/sign", body, capability: null, request =>
        {
            request.Content!.Headers.Remove("Content-Type");
            Assert.True(request.Content.Headers.TryAddWithoutValidation("Content-Type", $"application/json; charset={charset}"));
        });

        Assert.Equal(status, answer.Status);
        Assert.DoesNotContain(harness.LogLines, line => line.GetProperty("event").GetString() == "Faulted");
    }

    [Theory]
    [InlineData("AAA")]
    [InlineData("AAAA ")]
    [InlineData(@"AA\nAA")]
    [InlineData("AA-_")]
    [InlineData("AB==")]
    [InlineData("AAB=")]
    [InlineData("AA==AA==")]
    [InlineData("=")]
    [InlineData("ÄÄÄÄ")]
    public async Task Base64_in_any_other_spelling_is_refused(string text)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();

        Answer answer = await harness.PostAsync("/sign", $$"""{"kid":"auth.signing#v1","payload_b3":"{{text}}"}""");

        answer.IsProblem(400, "Malformed", "payload_b3");
    }

    [Theory]
    [InlineData("")]
    [InlineData("AA==")]
    [InlineData(@"++\/\u002b")]
    public async Task Base64_of_anything_is_taken_however_JSON_writes_it(string text)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();

        Answer answer = await harness.PostAsync("/sign", $$"""{"kid":"auth.signing#v1","payload_b3":"{{text}}"}""");

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_of_more_than_a_mebibyte_is_refused(bool tellsItsLength)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync();
        const string Frame = """{"kid":"auth.signing#v1","payload_b3":""}""";
        int room = (MaxBody - Frame.Length) / 4 * 4;

        // Where it comes in chunks, their lengths count too.
        int margin = tellsItsLength ? 0 : 4096;
        Answer fits = await SendAsync(new string('A', room - margin));
        Answer tooLarge = await SendAsync(new string('A', room + 4));

        Assert.Equal(200, fits.Status);
        tooLarge.IsProblem(413, "TooLarge");

        Task<Answer> SendAsync(string payload) => harness.SendAsync(
            HttpMethod.Post,
            "/sign",
            Frame.Replace("\"\"", $"\"{payload}\"", StringComparison.Ordinal),
            capability: null,
            request => request.Headers.TransferEncodingChunked = !tellsItsLength);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task A_body_that_is_not_called_JSON_is_refused(string? type)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.SendAsync(HttpMethod.Post, "/sign", body: null, capability: null, request =>
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"kid":"auth.signing#v1","payload_b3":"AAAA"}"""));
            request.Content.Headers.ContentType = type is null ? null : new(type);
        });

        answer.IsProblem(415, "UnsupportedMediaType");
    }

    [Theory]
    [InlineData("GET", "/v1/kms/sign", 405, "MethodNotAllowed")]
    [InlineData("DELETE", "/v1/kms/keys", 405, "MethodNotAllowed")]
    [InlineData("GET", "/v1/kms/nothing", 404, "NotFound")]
    [InlineData("GET", "/v2/kms/keys", 404, "NotFound")]
    public async Task Another_address_or_method_is_a_problem_too(string method, string path, int status, string error)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        (await harness.SendAsync(new HttpMethod(method), path, body: null, capability: null)).IsProblem(status, error);
    }

    [Theory]
    [InlineData("DELETE", "/keys", "GET, POST")]
    [InlineData("GET", "/sign", "POST")]
    [InlineData("POST", "/journal", "GET")]
    public async Task Where_the_method_is_another_those_that_are_taken_are_told(string method, string path, string allowed)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        using HttpRequestMessage request = new(new HttpMethod(method), Harness.Root + path);

        using HttpResponseMessage response = await harness.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(405, (int)response.StatusCode);
        Assert.Equal(allowed, string.Join(", ", response.Content.Headers.Allow.Order()));
    }

    [Fact]
    public async Task A_name_that_is_not_this_machines_is_refused()
    {
        // What a page elsewhere would send whose name was pointed here.
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer answer = await harness.SendAsync(HttpMethod.Get, "/keys", body: null, capability: null, request => request.Headers.Host = "attacker.example");

        answer.IsProblem(400, "Malformed");
    }

    [Fact]
    public async Task It_listens_on_this_machine_alone()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(harness.Client.BaseAddress!.Host)));
    }

    [Fact]
    public async Task Answers_are_not_kept_by_anybody()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Assert.Equal("no-store", (await harness.GetAsync("/keys")).Headers["Cache-Control"]);
        Assert.Equal("no-store", (await harness.GetAsync("/keys/x")).Headers["Cache-Control"]);
    }
}
