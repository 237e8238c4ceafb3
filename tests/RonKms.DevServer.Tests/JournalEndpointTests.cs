using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RonKms.DevServer.Tests;

public sealed class JournalEndpointTests
{
    [Fact]
    public async Task Its_pages_hold_every_line_once_chained_to_the_head()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        for (int i = 0; i < 5; i++)
        {
            await harness.CreateAsync();
        }

        List<JsonElement> lines = [];
        Answer page;
        long after = 0;
        do
        {
            page = await harness.GetAsync($"/journal?after={after}&limit=3");
            lines.AddRange(page.Json.GetProperty("lines").EnumerateArray());
        }
        while (page.Json.TryGetProperty("next", out JsonElement next) && next.TryGetInt64(out after));

        string previous = new('0', 64);
        for (int i = 0; i < lines.Count; i++)
        {
            string text = lines[i].GetProperty("line").GetString()!;
            JsonElement line = JsonElement.Parse(text);
            Assert.Equal(i + 1, lines[i].GetProperty("seq").GetInt64());
            Assert.Equal(i + 1, line.GetProperty("seq").GetInt64());
            Assert.Equal(previous, line.GetProperty("prev").GetString());
            previous = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            Assert.Equal(previous, lines[i].GetProperty("sha256").GetString());
        }

        Assert.Equal(7, lines.Count);
        Assert.Equal(previous, page.Json.GetProperty("head").GetProperty("sha256").GetString());
        Assert.Equal(7, page.Json.GetProperty("head").GetProperty("seq").GetInt64());
    }

    [Fact]
    public async Task Of_another_tenants_lines_only_the_digest_is_shown()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();
        await harness.CreateAsync(purpose: "invoices", tenant: "billing");
        await harness.CreateAsync();

        Answer page = await harness.GetAsync("/journal");

        JsonElement[] lines = [.. page.Json.GetProperty("lines").EnumerateArray()];
        Assert.Equal([true, true, false, true], lines.Select(line => line.TryGetProperty("line", out _)));
        Assert.DoesNotContain("invoices", page.Body, StringComparison.Ordinal);
        Assert.Equal(lines[2].GetProperty("sha256").GetString(), JsonElement.Parse(lines[3].GetProperty("line").GetString()!).GetProperty("prev").GetString());
    }

    [Fact]
    public async Task After_its_end_there_is_nothing()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer page = await harness.GetAsync("/journal?after=99");

        Assert.Equal(0, page.Json.GetProperty("lines").GetArrayLength());
        Assert.False(page.Json.TryGetProperty("next", out _));
    }

    [Theory]
    [InlineData("after=-1", "after")]
    [InlineData("after=x", "after")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("after=9223372036854775807&limit=x", "limit")]
    public async Task A_page_that_cannot_be_is_malformed(string query, string field)
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        (await harness.GetAsync($"/journal?{query}")).IsProblem(400, "Malformed", field);
    }

    [Fact]
    public async Task The_last_number_there_is_overflows_nothing()
    {
        await using RunningHarness harness = await RunningHarness.StartAsync();

        Answer page = await harness.GetAsync($"/journal?after={long.MaxValue}");

        Assert.Equal(200, page.Status);
        Assert.Equal(0, page.Json.GetProperty("lines").GetArrayLength());
    }
}
