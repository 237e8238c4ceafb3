using System.Globalization;
using System.Text.Json;

namespace RonKms.Benchmarks.Gate;

/// <summary>The ratios that the drift gate compares with, as they were when they were written down.</summary>
/// <param name="Machine">Where: ratios to the same work move little from machine to machine, but they move.</param>
/// <param name="Ratios">The medians by the figures' names.</param>
internal sealed record Baseline(string Machine, IReadOnlyDictionary<string, double> Ratios)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerOptions.Strict) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Of measured figures.</summary>
    internal static Baseline Of(string machine, IEnumerable<Figure> figures) =>
        new(machine, figures.ToDictionary(figure => figure.Name, figure => Rounded(figure.Estimate.Median)));

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static Baseline Parse(string json)
    {
        try
        {
            Baseline? read = JsonSerializer.Deserialize<Baseline>(json, s_json);
            return read is { Ratios.Count: > 0 } && read.Ratios.Values.All(ratio => double.IsFinite(ratio) && ratio > 0)
                ? read
                : throw new InvalidDataException("The baseline has no ratios, or one that is not greater than zero.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The baseline cannot be read: {e.Message}", e);
        }
    }

    internal string ToJson() => JsonSerializer.Serialize(this, s_json) + "\n";

    /// <summary>Puts measured figures beside the baseline, each as it is measured.</summary>
    /// <param name="measured">Figures whose limit is how many times their value in the baseline they may be.</param>
    /// <returns>Figures whose limit is the most that they may be.</returns>
    /// <exception cref="InvalidDataException">At the end: some are not in the baseline, or were not measured.</exception>
    internal IEnumerable<Figure> Judge(IEnumerable<Figure> measured)
    {
        HashSet<string> missing = [.. Ratios.Keys];
        List<string> unknown = [];
        foreach (Figure figure in measured)
        {
            if (missing.Remove(figure.Name))
            {
                yield return figure with { Limit = Ratios[figure.Name] * figure.Limit };
            }
            else
            {
                unknown.Add(figure.Name);
            }
        }

        if (unknown.Count + missing.Count > 0)
        {
            throw new InvalidDataException(
                $"Not in the baseline: {Names(unknown)}. In the baseline and not measured: {Names(missing)}. Where that is meant, write it anew.");
        }
    }

    private static string Names(IEnumerable<string> names) => names.Any() ? string.Join(' ', names) : "none";

    // Four digits are more than a repetition gives again.
    private static double Rounded(double value) => double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
