using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using RonKms.Capabilities;
using RonKms.Testing;

namespace RonKms.DevServer.Tests;

/// <summary>The harness on a free port of this machine, with a clock that stands still.</summary>
internal sealed class RunningHarness : IAsyncDisposable
{
    /// <summary>The payload of the seed's example: "Hello, RustyOnions!".</summary>
    internal const string Payload = "SGVsbG8sIFJ1c3R5T25pb25zIQ==";

    private readonly StringWriter _log = new();
    private readonly WebApplication _app;

    private RunningHarness(HarnessOptions options, Action<IServiceCollection>? configure)
    {
        _app = Harness.Build(options with { Port = 0 }, _log, services =>
        {
            services.AddSingleton<TimeProvider>(Time);
            configure?.Invoke(services);
        });
    }

    internal ManualTimeProvider Time { get; } = new();

    internal HttpClient Client { get; } = new();

    internal IServiceProvider Services => _app.Services;

    internal string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Its lines, each a JSON object.</summary>
    internal IEnumerable<JsonElement> LogLines => Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line));

    internal static async Task<RunningHarness> StartAsync(HarnessOptions? options = null, Action<IServiceCollection>? configure = null)
    {
        RunningHarness harness = new(options ?? new HarnessOptions(), configure);
        await harness._app.StartAsync();
        harness.Client.BaseAddress = new Uri(harness._app.Urls.Single());
        return harness;
    }

    internal Macaroon Root(string tenant = "auth") => Services.GetRequiredService<HarnessKeystore>().MintRoot(tenant);

    internal Task<Answer> GetAsync(string path, Macaroon? capability = null) => SendAsync(HttpMethod.Get, path, body: null, capability);

    internal Task<Answer> PostAsync(string path, string? body, Macaroon? capability = null) => SendAsync(HttpMethod.Post, path, body, capability);

    /// <summary>Makes a key.</summary>
    /// <returns>Its name.</returns>
    internal async Task<string> CreateAsync(string algorithm = "Ed25519", string purpose = "signing", string tenant = "auth")
    {
        Answer answer = await PostAsync("/keys", $$"""{"tenant":"{{tenant}}","purpose":"{{purpose}}","alg":"{{algorithm}}"}""", Root(tenant));
        Assert.Equal(201, answer.Status);
        return answer.Text("kid");
    }

    internal async Task<Answer> SendAsync(HttpMethod method, string path, string? body, Macaroon? capability, Action<HttpRequestMessage>? prepare = null)
    {
        using HttpRequestMessage request = new(method, path[0] == '/' && !path.StartsWith("/v1", StringComparison.Ordinal) ? Harness.Root + path : path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (capability ?? Root()).SerializeToText());
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        prepare?.Invoke(request);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, text, response.Content.Headers.ContentType?.ToString(), response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value)));
    }

    internal Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await _log.DisposeAsync();
    }
}
