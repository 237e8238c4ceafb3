using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace RonKms.Soak;

/// <summary>Sends one request after another on one connection, in a fixed mix: of 10,000 there are 4,500 to sign, 5,499 to verify, 1 to rotate.</summary>
/// <remarks>Versions that were rotated stay, as they verify what they signed, and some kilobytes each: with more of them the memory would grow by what it is to hold.</remarks>
internal sealed class Worker(Uri address, string capability, int number) : IDisposable
{
    internal const string Sign = "sign";
    internal const string Verify = "verify";
    internal const string Rotate = "rotate";

    private const int Cycle = 10_000;
    private const int MaxErrors = 1000;

    // Half a minute.
    private const int Patience = 120;

    private readonly Dictionary<string, Latencies> _latencies = Ops.ToDictionary(op => op, _ => new Latencies());
    private readonly string _payload = Convert.ToBase64String(Encoding.UTF8.GetBytes($"what worker {number} signs"));
    private string _kid = "";
    private string _signed = "";
    private CancellationTokenSource _impatience = new();
    private int _looks;

    internal static string[] Ops => [Sign, Verify, Rotate];

    internal List<string> Errors { get; } = [];

    public void Dispose() => _impatience.Dispose();

    internal Latencies LatenciesOf(string op) => _latencies[op];

    /// <summary>Called four times a second: ends a request that is not answered for too long. Counted and not timed, so that a machine which holds
    /// this process too, beside the server, is not taken for a server that hangs.</summary>
    internal void Look()
    {
        if (Interlocked.Increment(ref _looks) == Patience)
        {
            _impatience.Cancel();
        }
    }

    /// <summary>Makes the worker's key.</summary>
    internal async Task PrepareAsync()
    {
        using HttpClient client = Connect();
        using JsonDocument made = await PostAsync(client, "keys", $$"""{"tenant":"auth","purpose":"soak{{number}}"}""");
        _kid = made.RootElement.GetProperty("kid").GetString()!.Split('#')[0];
        using JsonDocument signed = await PostAsync(client, "sign", SignRequest);
        _signed = signed.RootElement.GetProperty("sigs").GetRawText();
    }

    internal async Task RunAsync(CancellationToken end)
    {
        using HttpClient client = Connect();
        for (long i = 0; !end.IsCancellationRequested && Errors.Count < MaxErrors; i++)
        {
            int place = (int)(i % Cycle);
            string op = place == Cycle - 1 ? Rotate : place % 20 < 9 ? Sign : Verify;
            long started = Stopwatch.GetTimestamp();
            try
            {
                await WorkAsync(client, op);
                _latencies[op].Add(Stopwatch.GetElapsedTime(started));
            }
            catch (OperationCanceledException)
            {
                Errors.Add($"{op}: no answer for half a minute");
                _impatience.Dispose();
                _impatience = new();
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or IOException)
            {
                Errors.Add($"{op}: {e.Message}");
            }
        }
    }

    private string SignRequest => $$"""{"kid":"{{_kid}}#latest","payload_b3":"{{_payload}}"}""";

    private async Task WorkAsync(HttpClient client, string op)
    {
        switch (op)
        {
            case Sign:
                using (JsonDocument signed = await PostAsync(client, "sign", SignRequest))
                {
                    _signed = signed.RootElement.GetProperty("sigs").GetRawText();
                }

                break;
            case Verify:
                using (JsonDocument verified = await PostAsync(client, "verify", $$"""{"payload_b3":"{{_payload}}","sigs":{{_signed}}}"""))
                {
                    if (!verified.RootElement.GetProperty("ok").GetBoolean())
                    {
                        Errors.Add("verify: a good signature is not taken");
                    }
                }

                break;
            default:
                (await PostAsync(client, $"keys/{_kid.Split('/')[3]}/rotate", body: null)).Dispose();
                break;
        }
    }

    private HttpClient Connect()
    {
        HttpClient client = new() { BaseAddress = new Uri(address, "/v1/kms/"), Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", capability);
        return client;
    }

    private async Task<JsonDocument> PostAsync(HttpClient client, string path, string? body)
    {
        using StringContent? content = body is null ? null : new(body, Encoding.UTF8, "application/json");
        _ = Interlocked.Exchange(ref _looks, 0);
        using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content, _impatience.Token);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(_impatience.Token);
        return response.IsSuccessStatusCode ? JsonDocument.Parse(answer) : throw new HttpRequestException($"{(int)response.StatusCode} {ErrorOf(answer)}");
    }

    private static string? ErrorOf(byte[] answer)
    {
        using JsonDocument problem = JsonDocument.Parse(answer);
        return problem.RootElement.GetProperty("error").GetString();
    }
}
