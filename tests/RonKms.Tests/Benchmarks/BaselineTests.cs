using RonKms.Benchmarks;
using RonKms.Benchmarks.Gate;

namespace RonKms.Tests.Benchmarks;

/// <summary>What the drift gate of eng/bench.sh reports, of made-up measurements.</summary>
public sealed class BaselineTests
{
    private static readonly Baseline s_baseline = Baseline.Parse("""{ "Machine": "any", "Ratios": { "sign": 2.0, "encapsulate": 0.004 } }""");

    // 2.0 and 20 % are 2.4; 0.004 and 25 % are 0.005.
    [Theory]
    [InlineData("sign", 2.0, 1.9, 2.1, false)]
    [InlineData("sign", 2.39, 2.38, 2.5, false)]
    [InlineData("sign", 2.5, 2.39, 2.6, false)]
    [InlineData("sign", 2.5, 2.41, 2.6, true)]
    [InlineData("sign", 1.0, 0.9, 1.1, false)]
    [InlineData("encapsulate", 0.0052, 0.0049, 0.0055, false)]
    [InlineData("encapsulate", 0.0052, 0.0051, 0.0055, true)]
    [InlineData("sign", double.NaN, double.NaN, double.NaN, true)]
    public void A_drift_is_reported_only_where_the_whole_interval_lies_beyond_the_limit(string name, double median, double low, double high, bool isShort)
    {
        Figure[] measured = [Measured("sign", 2), Measured("encapsulate", 0.004)];
        measured[name == "sign" ? 0 : 1] = Measured(name, median) with { Estimate = new Estimate(median, low, high) };

        Figure[] judged = [.. s_baseline.Judge(measured)];

        Assert.Equal(isShort ? [name] : [], judged.Where(figure => figure.IsShort).Select(figure => figure.Name));
    }

    [Fact]
    public void The_limit_that_is_printed_is_the_baselines_ratio_with_what_it_may_grow()
    {
        Figure[] judged = [.. s_baseline.Judge([Measured("sign", 2.5), Measured("encapsulate", 0.004)])];

        Assert.Equal(["sign 2.5 2.4 short", "encapsulate 0.004 0.005 ok"], judged.Select(figure => figure.ToString()));
    }

    [Theory]
    [InlineData(new[] { "sign" }, "measured: encapsulate")]
    [InlineData(new[] { "sign", "encapsulate", "verify" }, "baseline: verify")]
    [InlineData(new[] { "sign", "encapsulate", "sign" }, "baseline: sign")]
    [InlineData(new string[0], "measured: sign encapsulate")]
    public void A_figure_that_either_lacks_is_an_error_after_all_others_were_judged(string[] measured, string said)
    {
        List<Figure> judged = [];
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => judged.AddRange(s_baseline.Judge(measured.Select(name => Measured(name, 1)))));

        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "Machine": "any", "Ratios": {} }""")]
    [InlineData("""{ "Machine": "any", "Ratios": { "sign": 0 } }""")]
    [InlineData("""{ "Machine": "any", "Ratios": { "sign": -1 } }""")]
    [InlineData("""{ "Machine": "any", "Ratios": { "sign": "NaN" } }""")]
    [InlineData("""{ "Machine": "any", "Ratios": { "sign": null } }""")]
    [InlineData("""{ "Machine": "any", "Ratios": { "sign": 1, "sign": 9 } }""")]
    [InlineData("""{ "Machine": "any", "Ratios": { "sign": 1 }, "More": 1 }""")]
    public void What_is_no_baseline_is_refused(string json) => Assert.Throws<InvalidDataException>(() => Baseline.Parse(json));

    [Fact]
    public void A_baseline_that_was_written_is_read_again()
    {
        Baseline read = Baseline.Parse(Baseline.Of("any", [Measured("sign", 1.23456), Measured("encapsulate", 0.00412345)]).ToJson());

        Assert.Equal("any", read.Machine);
        Assert.Equal(new Dictionary<string, double> { ["sign"] = 1.235, ["encapsulate"] = 0.004123 }, read.Ratios);
    }

    private static Figure Measured(string name, double ratio) =>
        new(name, Estimate.Exactly(ratio), name == "encapsulate" ? 1.25 : 1.20, "");
}
