using System.Diagnostics;

namespace RonKms.DevServer.Tests;

/// <summary>The program as a process: what it reads from the environment, what it prints, and how it ends.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("PORT", "http", "PORT is a number")]
    [InlineData("PORT", "65536", "PORT is a number")]
    [InlineData("TENANTS", "auth,a b", "TENANTS is names")]
    [InlineData("RON_KMS_PQ_MODE", "quantum", "RON_KMS_PQ_MODE")]
    [InlineData("RON_KMS_STORE", "file:./secrets", "in memory alone")]
    [InlineData("RON_KMS_COLOUR", "red", "RON_KMS_COLOUR")]
    public async Task A_setting_that_means_nothing_ends_it_with_a_message(string name, string value, string message)
    {
        using Process process = Start((name, value));

        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, process.ExitCode);
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_prints_the_way_in_and_the_mode_and_tenants_are_those_asked_for()
    {
        using Process process = Start(("PORT", "0"), ("TENANTS", "shop,billing"), ("RON_KMS_PQ_MODE", "hybrid"));
        try
        {
            List<string> lines = [];
            while (lines.Count < 8 && await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                lines.Add(line);
                if (line.StartsWith("capability of billing: ", StringComparison.Ordinal))
                {
                    break;
                }
            }

            string capability = Assert.Single(lines, line => line.StartsWith("KMS='", StringComparison.Ordinal))["KMS='".Length..^1];
            Assert.Equal(3, lines.Count(line => line.StartsWith("curl ", StringComparison.Ordinal)));
            Assert.StartsWith("capability of billing: ", lines[^1], StringComparison.Ordinal);

            // The first line of curl, sent by hand.
            using HttpClient client = new();
            client.DefaultRequestHeaders.Authorization = new("Bearer", capability);
            string url = lines.First(line => line.StartsWith("curl ", StringComparison.Ordinal)).Split(' ')[^1];
            using StringContent body = new("""{"tenant":"shop","purpose":"signing"}""", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await client.PostAsync(new Uri(url), body, TestContext.Current.CancellationToken);
            Assert.Contains("shop/signing/ed25519+mldsa65/", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_it_with_a_message()
    {
        await using RunningHarness other = await RunningHarness.StartAsync();

        using Process process = Start(("PORT", $"{other.Client.BaseAddress!.Port}"));
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("PORT names another one.", error, StringComparison.Ordinal);
    }

    private static Process Start(params ReadOnlySpan<(string Name, string Value)> variables)
    {
        ProcessStartInfo start = new("dotnet", [typeof(Harness).Assembly.Location]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("RON_KMS_", StringComparison.Ordinal) || name is "PORT" or "TENANTS").ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
