using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RonKms.Hosting.Tests;

/// <summary>That docs/configuration.md tells everything there is to set, and nothing else.</summary>
public sealed partial class ConfigurationReferenceTests
{
    private static readonly string s_text = File.ReadAllText(Find());

    private static string[] Settings => [.. typeof(KeystoreSettings).GetProperties().Select(property => property.Name).Order()];

    [Fact]
    public void Every_setting_has_its_row_under_both_names()
    {
        (string Variable, string Key)[] rows = [.. SettingRow().Matches(s_text).Select(row => (row.Groups[1].Value, row.Groups[2].Value))];

        Assert.Equal(Settings, rows.Select(row => row.Key).Order());
        Assert.All(rows, row => Assert.Equal(row.Key, row.Variable["RON_KMS_".Length..].Replace("_", "", StringComparison.Ordinal), ignoreCase: true));
    }

    [Fact]
    public void Every_option_has_its_row() => Assert.Equal(
        typeof(KeystoreOptions).GetProperties().Select(property => property.Name).Order(),
        OptionRow().Matches(s_text[s_text.IndexOf("## KeystoreOptions", StringComparison.Ordinal)..]).Select(row => row.Groups[1].Value).Order());

    [Fact]
    public void The_appsettings_sample_binds_and_is_allowed()
    {
        using MemoryStream json = new(Encoding.UTF8.GetBytes(Block("json")));
        ServiceCollection services = new();
        services.AddRonKms(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("RonKms"));
        using ServiceProvider provider = services.BuildServiceProvider();

        KeystoreSettings settings = provider.GetRequiredService<IOptions<KeystoreSettings>>().Value;

        Assert.Equal("file:/var/lib/myapp/keys", settings.Store);
        Assert.Equal("/etc/myapp/kek.b64", settings.KekFile);
        Assert.Equal("00:00:30", settings.LockTimeout);
        Assert.Equal("90", settings.RotateDays);
        Assert.Equal("0", settings.KekMounted);
    }

    [Theory]
    [InlineData("bash no-run")]
    [InlineData("yaml")]
    public void The_variables_of_the_samples_are_allowed(string language)
    {
        KeystoreSettings settings = new();
        MatchCollection set = Assignment().Matches(Block(language));

        foreach (Match assignment in set)
        {
            settings.Set(assignment.Groups[1].Value.Replace("_", "", StringComparison.Ordinal), assignment.Groups[2].Value);
        }

        Assert.True(set.Count >= 4, $"{set.Count} variables");
        settings.Check();
        Assert.NotNull(settings.KekFile);
    }

    private static string Block(string language)
    {
        string fence = $"\n```{language}\n";
        int begin = s_text.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return s_text[begin..s_text.IndexOf("\n```", begin, StringComparison.Ordinal)];
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RonKms.sln")))
            {
                return Path.Combine(folder.FullName, "docs", "configuration.md");
            }
        }

        throw new DirectoryNotFoundException($"There is no RonKms.sln above {AppContext.BaseDirectory}.");
    }

    [GeneratedRegex(@"^\| `(RON_KMS_[A-Z_]+)` \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex SettingRow();

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();

    // RON_KMS_X=value, and { name: RON_KMS_X, value: "value" }.
    [GeneratedRegex(@"RON_KMS_([A-Z_]+)(?:=|, value: ""?)([^\s""]+)")]
    private static partial Regex Assignment();
}
