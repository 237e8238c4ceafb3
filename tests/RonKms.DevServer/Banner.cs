namespace RonKms.DevServer;

/// <summary>What is printed at the start: the way in. The capabilities are secrets, and are nowhere else.</summary>
internal static class Banner
{
    internal static void Write(WebApplication app, HarnessOptions options, TextWriter writer)
    {
        string address = app.Urls.Single();
        writer.WriteLine($"listening on {address}, which shows a console; keys are in memory and vanish with this process");
        HarnessKeystore keystore = app.Services.GetRequiredService<HarnessKeystore>();
        string first = options.Tenants[0];
        writer.WriteLine($$"""

            KMS='{{keystore.MintRoot(first).SerializeToText()}}'
            curl -sSw '\n' -H "Authorization: Bearer $KMS" --json '{"tenant":"{{first}}","purpose":"signing"}' {{address}}{{Harness.Root}}/keys
            curl -sSw '\n' -H "Authorization: Bearer $KMS" --json '{"kid":"{{first}}.signing#latest","payload_b3":"SGVsbG8sIFJ1c3R5T25pb25zIQ=="}' {{address}}{{Harness.Root}}/sign
            curl -sSw '\n' -H "Authorization: Bearer $KMS" {{address}}{{Harness.Root}}/keys
            """);
        foreach (string tenant in options.Tenants.Skip(1))
        {
            writer.WriteLine($"capability of {tenant}: {keystore.MintRoot(tenant).SerializeToText()}");
        }

        writer.Flush();
    }
}
