namespace RonKms.DevServer.Tests;

/// <summary>How the console is served; what it does is driven in a browser by eng/console.sh.</summary>
public sealed class PageTests
{
    [Theory]
    [InlineData("/", "text/html; charset=utf-8")]
    [InlineData("/console.css", "text/css; charset=utf-8")]
    [InlineData("/console.js", "text/javascript; charset=utf-8")]
    public async Task It_may_ask_nobody_but_its_own_server(string path, string type)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        using HttpResponseMessage response = await harness.Client.GetAsync(path, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType!.ToString());
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
        Assert.DoesNotContain("innerHTML", text, StringComparison.Ordinal);
    }
}
