using System.Globalization;

namespace RonKms.Benchmarks;

/// <summary>A measured figure and the most that it may be.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Estimate">The value, and where it lies.</param>
/// <param name="Limit">The most it may be.</param>
/// <param name="Detail">What people want to know besides.</param>
internal sealed record Figure(string Name, Estimate Estimate, double Limit, string Detail)
{
    /// <summary>Whether the whole interval lies beyond the limit. A median beyond it is not enough: a repetition may well give another.</summary>
    internal bool IsShort => !(Estimate.Low <= Limit);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Name} {Estimate.Median:G4} {Limit:G3} {(IsShort ? "short" : "ok")}");
}
