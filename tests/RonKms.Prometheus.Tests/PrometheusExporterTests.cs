using System.Diagnostics.Metrics;
using System.Text;

namespace RonKms.Prometheus.Tests;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly MeterFactory _factory = new();

    public void Dispose() => _factory.Dispose();

    [Fact]
    public void What_was_done_is_counted_in_the_series_of_the_design()
    {
        using PrometheusExporter exporter = new(_factory);
        using Keystore keystore = OpenKeystore();
        KeyId key = keystore.Create("acme", "signing", KeyAlgorithm.Ed25519);
        keystore.Sign(key, "m"u8);
        keystore.Rotate(key);
        Assert.Throws<KmsException>(() => keystore.Sign(key, "m"u8));

        Scrape scrape = Scrape.Of(exporter);

        Assert.Equal(
            [
                "kms_failures_total{op=\"sign\",kind=\"NotLatestVersion\"} 1",
                "kms_keys_total{alg=\"ed25519\",hybrid=\"0\"} 1",
                "kms_op_latency_seconds_count{op=\"create\"} 1",
                "kms_op_latency_seconds_count{op=\"rotate\"} 1",
                "kms_op_latency_seconds_count{op=\"sign\"} 2",
                "kms_ops_total{op=\"create\",alg=\"ed25519\"} 1",
                "kms_ops_total{op=\"rotate\",alg=\"ed25519\"} 1",
                "kms_ops_total{op=\"seal\",alg=\"ed25519\"} 2",
                "kms_ops_total{op=\"sign\",alg=\"ed25519\"} 1",
                "kms_ops_total{op=\"unseal\",alg=\"ed25519\"} 1",
                "kms_prometheus_dropped_total 0",
            ],
            scrape.Lines.Where(line => !line.StartsWith('#') && !line.Contains("_bucket", StringComparison.Ordinal) && !line.Contains("_sum", StringComparison.Ordinal)));
        Assert.Equal(
            ["kms_failures_total counter", "kms_keys_total gauge", "kms_op_latency_seconds histogram", "kms_ops_total counter", "kms_prometheus_dropped_total counter"],
            scrape.Lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line["# TYPE ".Length..]));
        Assert.InRange(scrape["kms_op_latency_seconds_sum{op=\"sign\"}"], 0.000001m, 60m);
    }

    [Theory]
    [InlineData(0.0000099, "1e-05")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(0.000011, "2.5e-05")]
    [InlineData(0.0026, "0.005")]
    [InlineData(1.0, "1")]
    [InlineData(1.1, "+Inf")]
    public void A_latency_is_in_its_bucket_and_in_all_above(double seconds, string first)
    {
        using PrometheusExporter exporter = new(_factory);
        Histogram<double> latency = OwnMeter().CreateHistogram<double>("kms_op_latency_seconds");

        latency.Record(seconds, new KeyValuePair<string, object?>("op", "sign"));

        Scrape scrape = Scrape.Of(exporter);
        (string Bound, decimal Count)[] buckets =
        [
            .. scrape.Series.Where(series => series.Contains("_bucket", StringComparison.Ordinal))
                .Select(series => (series.Split("le=\"")[1].TrimEnd('"', '}'), scrape[series])),
        ];
        Assert.Equal(17, buckets.Length);
        Assert.Equal(first, buckets.First(bucket => bucket.Count == 1).Bound);
        Assert.All(buckets.SkipWhile(bucket => bucket.Bound != first), bucket => Assert.Equal(1, bucket.Count));
        Assert.All(buckets.TakeWhile(bucket => bucket.Bound != first), bucket => Assert.Equal(0, bucket.Count));
        Assert.Equal((decimal)seconds, scrape["kms_op_latency_seconds_sum{op=\"sign\"}"]);
        Assert.Equal(1, scrape["kms_op_latency_seconds_count{op=\"sign\"}"]);
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        using PrometheusExporter exporter = new(_factory);
        Counter<long> operations = OwnMeter().CreateCounter<long>("kms_ops_total");

        operations.Add(3, new("op", "a\\b\"c\nd"), new("alg", "é"));

        Assert.Contains("kms_ops_total{op=\"a\\\\b\\\"c\\nd\",alg=\"é\"} 3", Scrape.Of(exporter).Lines);
    }

    [Fact]
    public void Series_beyond_the_limit_are_counted_as_dropped()
    {
        using PrometheusExporter exporter = new(_factory, maxSeries: 2);
        Counter<long> operations = OwnMeter().CreateCounter<long>("kms_ops_total");

        for (int i = 0; i < 5; i++)
        {
            operations.Add(1, new("op", $"op{i}"), new("alg", "x"));
            operations.Add(1, new("op", "op0"), new("alg", "x"));
        }

        Scrape scrape = Scrape.Of(exporter);
        Assert.Equal(["kms_ops_total{op=\"op0\",alg=\"x\"}", "kms_ops_total{op=\"op1\",alg=\"x\"}"], scrape.Series.Where(series => series.StartsWith("kms_ops", StringComparison.Ordinal)));
        Assert.Equal(6, scrape["kms_ops_total{op=\"op0\",alg=\"x\"}"]);
        Assert.Equal(3, scrape["kms_prometheus_dropped_total"]);
    }

    [Fact]
    public void Scraping_gauges_again_and_again_takes_no_more_series()
    {
        using PrometheusExporter exporter = new(_factory, maxSeries: 4);
        using Keystore keystore = OpenKeystore();
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(1, Scrape.Of(exporter)["kms_keys_total{alg=\"ed25519\",hybrid=\"0\"}"]);
        }
    }

    [Fact]
    public void Keys_of_several_keystores_are_summed_and_those_that_are_gone_are_not_shown()
    {
        using PrometheusExporter exporter = new(_factory);
        using Keystore one = OpenKeystore();
        using Keystore other = OpenKeystore();
        one.Create("acme", "p", KeyAlgorithm.Ed25519);
        other.Create("acme", "p", KeyAlgorithm.Ed25519);
        KeyId gone = other.Create("acme", "p", KeyAlgorithm.P256);

        Assert.Equal(2, Scrape.Of(exporter)["kms_keys_total{alg=\"ed25519\",hybrid=\"0\"}"]);
        Assert.Contains("kms_keys_total{alg=\"p256\",hybrid=\"0\"}", Scrape.Of(exporter).Series);

        other.Destroy(gone);
        Assert.DoesNotContain("kms_keys_total{alg=\"p256\",hybrid=\"0\"}", Scrape.Of(exporter).Series);

        other.Dispose();
        Scrape last = Scrape.Of(exporter);
        Assert.Equal(1, last["kms_keys_total{alg=\"ed25519\",hybrid=\"0\"}"]);
        Assert.Equal(2, last["kms_ops_total{op=\"create\",alg=\"ed25519\"}"]);
    }

    [Fact]
    public void Other_instruments_meters_factories_and_labels_are_not_shown()
    {
        using MeterFactory others = new();
        using PrometheusExporter exporter = new(_factory);
        string empty = Scrape.Of(exporter).Text;
        KeyValuePair<string, object?>[] labels = [new("op", "sign"), new("alg", "x")];

        OwnMeter().CreateCounter<long>("kms_more_total").Add(1, labels);
        OwnMeter().CreateCounter<int>("kms_ops_total").Add(1, labels);
        OwnMeter().CreateCounter<long>("kms_ops_total").Add(1, new KeyValuePair<string, object?>("tenant", "acme"));
        OwnMeter().CreateCounter<long>("kms_ops_total").Add(1, new("op", "sign"), new("tenant", "acme"));
        OwnMeter().CreateCounter<long>("kms_ops_total").Add(1, new("op", "sign"), new("alg", 5));
        _factory.Create(new MeterOptions("Other")).CreateCounter<long>("kms_ops_total").Add(1, labels);
        others.Create(new MeterOptions("RonKms")).CreateCounter<long>("kms_ops_total").Add(1, labels);

        Assert.Equal(empty, Scrape.Of(exporter).Text);
    }

    [Fact]
    public void Without_a_factory_all_keystores_of_the_process_are_seen()
    {
        using PrometheusExporter exporter = new();
        using Keystore keystore = Keystore.InMemory();

        keystore.Create("acme", "p", KeyAlgorithm.Aes256Gcm);

        Assert.True(Scrape.Of(exporter)["kms_ops_total{op=\"create\",alg=\"aes256gcm\"}"] >= 1);
    }

    [Fact]
    public void A_known_series_is_measured_without_an_allocation()
    {
        using PrometheusExporter exporter = new(_factory);
        Counter<long> operations = OwnMeter().CreateCounter<long>("kms_ops_total");
        Histogram<double> latency = OwnMeter().CreateHistogram<double>("kms_op_latency_seconds");

        // The runtime may allocate while it compiles the methods anew, but not in every round.
        Assert.Contains(0, Enumerable.Range(0, 10).Select(_ => Measure()));

        long Measure()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                operations.Add(1, new("op", "sign"), new("alg", "ed25519"));
                latency.Record(0.00002, new KeyValuePair<string, object?>("op", "sign"));
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public async Task Scrapes_while_measuring_agree_with_themselves_and_lose_nothing()
    {
        const int Threads = 4;
        const int Times = 100_000;
        using PrometheusExporter exporter = new(_factory);
        Counter<long> operations = OwnMeter().CreateCounter<long>("kms_ops_total");
        Histogram<double> latency = OwnMeter().CreateHistogram<double>("kms_op_latency_seconds");
        Task[] measuring = [.. Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < Times; i++)
            {
                operations.Add(1, new("op", "sign"), new("alg", "ed25519"));
                latency.Record(0.000001 * (i % 100), new KeyValuePair<string, object?>("op", "sign"));
            }
        }))];

        const string Count = "kms_op_latency_seconds_count{op=\"sign\"}";
        decimal seen = 0;
        do
        {
            Scrape scrape = Scrape.Of(exporter);
            if (scrape.Series.Contains(Count))
            {
                decimal[] buckets = [.. scrape.Series.Where(series => series.Contains("_bucket", StringComparison.Ordinal)).Select(series => scrape[series])];
                Assert.Equal(buckets.Order(), buckets);
                Assert.Equal(buckets[^1], scrape[Count]);
                Assert.True(scrape[Count] >= seen);
                seen = scrape[Count];
            }
        }
        while (!Array.TrueForAll(measuring, task => task.IsCompleted));

        await Task.WhenAll(measuring);
        Scrape last = Scrape.Of(exporter);
        Assert.Equal(Threads * Times, last["kms_ops_total{op=\"sign\",alg=\"ed25519\"}"]);
        Assert.Equal(Threads * Times, last[Count]);
    }

    [Fact]
    public void A_stream_gets_the_same_text_and_stays_open()
    {
        using PrometheusExporter exporter = new(_factory);
        using Keystore keystore = OpenKeystore();
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);
        using MemoryStream stream = new();

        exporter.WriteTo(stream);

        Assert.True(stream.CanWrite);
        Assert.Equal(Scrape.Of(exporter).Text, Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public void A_disposed_exporter_counts_no_more_and_still_tells_what_it_counted()
    {
        PrometheusExporter exporter = new(_factory);
        using Keystore keystore = OpenKeystore();
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        exporter.Dispose();
        keystore.Create("acme", "p", KeyAlgorithm.Ed25519);

        Assert.Equal(1, Scrape.Of(exporter)["kms_ops_total{op=\"create\",alg=\"ed25519\"}"]);
    }

    [Fact]
    public void The_arguments_are_checked()
    {
        using PrometheusExporter exporter = new(_factory);

        Assert.Throws<ArgumentOutOfRangeException>(() => new PrometheusExporter(maxSeries: 0));
        Assert.Throws<ArgumentNullException>(() => exporter.WriteTo((Stream)null!));
        Assert.Throws<ArgumentNullException>(() => exporter.WriteTo((System.Buffers.IBufferWriter<byte>)null!));
    }

    private Keystore OpenKeystore() => Keystore.InMemory(new KeystoreOptions { MeterFactory = _factory });

    private Meter OwnMeter() => _factory.Create(new MeterOptions("RonKms"));
}
