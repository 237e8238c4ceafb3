using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>A median and its 95 % interval.</summary>
/// <param name="Median">The median.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
internal readonly record struct Estimate(double Median, double Low, double High)
{
    /// <summary>Of a value that does not scatter.</summary>
    internal static Estimate Exactly(double value) => new(value, value, value);

    /// <summary>Of a sample, by order statistics: takes no distribution for granted.</summary>
    internal static Estimate Of(IEnumerable<double> sample)
    {
        double[] sorted = [.. sample.Order()];
        ArgumentOutOfRangeException.ThrowIfLessThan(sorted.Length, 6, nameof(sample));

        // How many of n values lie below the true median is binomial with p = 1/2.
        double half = 0.98 * Math.Sqrt(sorted.Length);
        int low = Math.Max(0, (int)Math.Floor((sorted.Length / 2.0) - half) - 1);
        return new Estimate(
            (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[low], sorted[sorted.Length - 1 - low]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:G4} (95 %: {Low:G4} to {High:G4})");
}
