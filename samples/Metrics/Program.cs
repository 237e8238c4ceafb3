// What the library measures, as Prometheus reads it. Any exporter that listens to System.Diagnostics.Metrics sees the same.
using System.Text;
using RonKms;
using RonKms.Prometheus;

using PrometheusExporter exporter = new();
using Keystore kms = Keystore.InMemory();
KeyId kid = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
byte[] signature = kms.Sign(kid, "hello-metrics"u8);
kms.Verify(kid, "hello-metrics"u8, signature);
KeyId next = kms.Rotate(kid);
kms.Attest(next);
try
{
    kms.Sign(kid, "hello-metrics"u8);
}
catch (KmsException e) when (e.Error == KmsError.NotLatestVersion)
{
    // Counted as a failure of its kind.
}

// A web server would write this to the response of GET /metrics, with PrometheusExporter.ContentType.
using MemoryStream response = new();
exporter.WriteTo(response);

// Latencies differ from run to run: of the histogram only the counts.
foreach (string line in Encoding.UTF8.GetString(response.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
{
    if (!line.StartsWith("kms_op_latency_seconds_bucket", StringComparison.Ordinal) && !line.StartsWith("kms_op_latency_seconds_sum", StringComparison.Ordinal))
    {
        Console.WriteLine(line);
    }
}
