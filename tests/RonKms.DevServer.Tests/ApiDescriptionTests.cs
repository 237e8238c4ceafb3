using System.Text.Json;
using RonKms.DevServer.Keys;
using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Tests;

public sealed class ApiDescriptionTests
{
    private const string Update = "RONKMS_UPDATE_OPENAPI";

    [Fact]
    public async Task The_document_in_the_repository_is_the_one_that_the_code_gives()
    {
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "RonKms.DevServer", "openapi.json"));
        await using RunningHarness harness = await RunningHarness.StartAsync();

        string served = await harness.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);

        // What has no tag is given the program's name, and the program that is served from is another one.
        Assert.DoesNotContain("RonKms.DevServer", served, StringComparison.Ordinal);

        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Assert.True(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI")), $"CI compares and writes nothing: unset {Update}.");
            await File.WriteAllTextAsync(path, served + "\n", TestContext.Current.CancellationToken);
        }

        Assert.True(
            await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken) == served + "\n",
            $"{path} is not what the endpoints are. If they are as they should be, run this test with {Update}=1 and look at the difference.");
    }

    [Fact]
    public async Task Every_endpoint_of_the_canonical_interface_is_in_it_with_its_problems()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        JsonElement document = JsonElement.Parse(await harness.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));

        string[] endpoints =
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name} {path.Name}")).Order(),
        ];
        Assert.Equal(
            [
                "get /v1/kms/journal", "get /v1/kms/keys", "get /v1/kms/keys/{kid}", "post /v1/kms/decap", "post /v1/kms/encap", "post /v1/kms/keys",
                "post /v1/kms/keys/{kid}/rotate", "post /v1/kms/revoke", "post /v1/kms/sign", "post /v1/kms/unwrap", "post /v1/kms/verify", "post /v1/kms/wrap",
            ],
            endpoints);
        Assert.All(
            document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()),
            method => Assert.True(method.Value.GetProperty("responses").GetProperty("default").GetProperty("content").TryGetProperty("application/problem+json", out _)));
    }

    [Fact]
    public async Task Every_field_of_a_request_can_be_named_in_a_problem()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        JsonElement document = JsonElement.Parse(await harness.Client.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));

        string[] fields =
        [
            .. document.GetProperty("components").GetProperty("schemas").EnumerateObject()
                .Where(schema => schema.Name.EndsWith("Request", StringComparison.Ordinal) || schema.Name is nameof(KeyPolicy) or nameof(WireSignature))
                .SelectMany(schema => schema.Value.GetProperty("properties").EnumerateObject().Select(property => property.Name)),
        ];
        Assert.Contains("sig_b3", fields);
        Assert.All(fields, field => Assert.True(FieldNames.TryGet(field, out _), field));
    }
}
