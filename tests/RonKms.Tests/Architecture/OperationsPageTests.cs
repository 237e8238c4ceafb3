using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using RonKms.Diagnostics;
using RonKms.Tests.Keystores;

namespace RonKms.Tests.Architecture;

/// <summary>docs/operations.md names what there is to watch, neither less nor more.</summary>
public sealed partial class OperationsPageTests
{
    private static readonly string[] s_page = File.ReadAllLines(Path.GetFullPath(Path.Combine(OwnVectors.Folder, "..", "..", "docs", "operations.md")));

    [Fact]
    public void The_page_has_a_row_for_each_instrument()
    {
        using MeasuredKeystore measured = new();
        using Keystore keystore = Keystore.InMemory(new KeystoreOptions { MeterFactory = measured });

        Assert.Equal(measured.Instruments.Select(instrument => instrument.Name).Order(StringComparer.Ordinal), FirstCells("Metrics"));
    }

    [Fact]
    public void The_page_has_a_row_for_each_operation() =>
        Assert.Equal(Enum.GetValues<KmsOperationKind>().Select(KmsTelemetry.NameOf).Order(StringComparer.Ordinal), FirstCells("Operations"));

    [Fact]
    public void The_page_has_a_row_for_each_value_of_health()
    {
        string[] values = [.. typeof(KeystoreHealth).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal)];

        Assert.Equal(values, FirstCells("Health"));
    }

    [Fact]
    public void The_page_has_a_row_for_each_log_event_with_its_level_and_template()
    {
        IEnumerable<string> rows =
            from method in typeof(KmsLog).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            let message = method.GetCustomAttribute<LoggerMessageAttribute>()
            where message is not null
            orderby message.EventId
            select string.Create(CultureInfo.InvariantCulture, $"| {message.EventId} | {message.Level} | `{method.Name}` | `{message.Message}` |");

        Assert.Equal(rows, Section("Log").Where(line => LogRow().IsMatch(line)));
    }

    /// <summary>The words in code style that begin the rows of a section's table, sorted.</summary>
    private static IEnumerable<string> FirstCells(string section) =>
        Section(section).Select(line => FirstCell().Match(line)).Where(cell => cell.Success).Select(cell => cell.Groups[1].Value).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Section(string name) =>
        s_page.SkipWhile(line => line != "## " + name).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));

    [GeneratedRegex("^\\| `([^`]+)` \\|")]
    private static partial Regex FirstCell();

    [GeneratedRegex("^\\| [0-9]+ \\|")]
    private static partial Regex LogRow();
}
