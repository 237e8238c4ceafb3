using System.Diagnostics;

namespace RonKms.Prometheus.Tests;

/// <summary>The text as Prometheus's own tool reads it.</summary>
public sealed class PromtoolTests
{
    [Fact]
    public void Promtool_takes_the_text_and_objects_to_one_name_alone()
    {
        using MeterFactory factory = new();
        using PrometheusExporter exporter = new(factory);
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { MeterFactory = factory });
        KeyId key = keystore.Create("acme", "signing", KeyAlgorithm.Ed25519);
        keystore.Rotate(key);
        Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));
        factory.Create(new System.Diagnostics.Metrics.MeterOptions("RonKms")).CreateCounter<long>("kms_ops_total")
            .Add(1, new("op", "a\\b\"c\nd"), new("alg", "é"));

        (int exitCode, string output) = Check(Scrape.Of(exporter).Text);

        // The name is the seed's. A text that cannot be read is exit code 1, an objection 3.
        Assert.Equal("kms_keys_total non-counter metrics should not have \"_total\" suffix", output.Trim());
        Assert.Equal(3, exitCode);
    }

    [Fact]
    public void Promtool_refuses_what_is_not_the_format() => Assert.Equal(1, Check("kms_ops_total{op=\"sign} 1\n").ExitCode);

    private static (int ExitCode, string Output) Check(string text)
    {
        ProcessStartInfo start = new("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("not run: needs promtool (Debian, Ubuntu: apt-get install prometheus)");
        }

        using (process)
        {
            process!.StandardInput.Write(text);
            process.StandardInput.Close();
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.GetAwaiter().GetResult());
        }
    }
}
