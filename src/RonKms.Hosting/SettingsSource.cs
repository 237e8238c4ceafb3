using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace RonKms.Hosting;

/// <summary>Where the settings come from, and their check. Names in messages are those of the source.</summary>
/// <remarks>Bound by name and not by reflection: so that an unknown key is refused, and so that it works in a trimmed program.</remarks>
internal sealed partial class SettingsSource : IValidateOptions<KeystoreSettings>
{
    private static readonly string[] s_flags =
    [
        nameof(KeystoreSettings.Create), nameof(KeystoreSettings.ReadOnly), nameof(KeystoreSettings.KekMounted), nameof(KeystoreSettings.Amnesia),
        nameof(KeystoreSettings.Metrics),
    ];

    private readonly IConfigurationSection? _section;

    private SettingsSource(IConfigurationSection? section)
    {
        _section = section;
    }

    internal static SettingsSource FromEnvironment() => new(null);

    internal static SettingsSource FromSection(IConfigurationSection section) => new(section);

    internal void Fill(KeystoreSettings settings)
    {
        if (_section is null)
        {
            FillFromEnvironment(settings);
            return;
        }

        List<string> refused = [];
        foreach (IConfigurationSection setting in _section.GetChildren())
        {
            try
            {
                settings.Set(setting.Key, ValueOf(setting));
            }
            catch (ArgumentException e)
            {
                refused.Add($"{_section.Path}:{e.Message}");
            }
        }

        if (refused.Count > 0)
        {
            throw Refusal([.. refused, .. Validate(null, settings).Failures ?? []]);
        }
    }

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, KeystoreSettings options)
    {
        try
        {
            options.Check();
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException e)
        {
            return ValidateOptionsResult.Fail(_section is null ? e.Message : VariableName().Replace(e.Message, AsSetting));
        }
    }

    private static void FillFromEnvironment(KeystoreSettings settings)
    {
        KeystoreSettings environment;
        try
        {
            environment = KeystoreSettings.FromEnvironment();
        }
        catch (ArgumentException e)
        {
            throw Refusal([e.Message]);
        }

        settings.Store = environment.Store;
        settings.Create = environment.Create;
        settings.KekFile = environment.KekFile;
        settings.PassphraseFile = environment.PassphraseFile;
        settings.KekMounted = environment.KekMounted;
        settings.LockTimeout = environment.LockTimeout;
        settings.ReadOnly = environment.ReadOnly;
        settings.MaxStaleness = environment.MaxStaleness;
        settings.Anchor = environment.Anchor;
        settings.PqMode = environment.PqMode;
        settings.Amnesia = environment.Amnesia;
        settings.RotateDays = environment.RotateDays;
        settings.Metrics = environment.Metrics;
    }

    // JSON has true and false. An empty value counts as not set.
    private static string? ValueOf(IConfigurationSection setting)
    {
        bool isFlag = s_flags.Contains(setting.Key, StringComparer.OrdinalIgnoreCase);
        return isFlag && bool.TryParse(setting.Value, out bool flag) ? (flag ? "1" : "0")
            : string.IsNullOrEmpty(setting.Value) ? null
            : setting.Value;
    }

    private static OptionsValidationException Refusal(IEnumerable<string> refused) =>
        new(Options.DefaultName, typeof(KeystoreSettings), refused);

    // RON_KMS_PQ_MODE as RonKms:PqMode
    private string AsSetting(Match variable)
    {
        IEnumerable<string> words = variable.Groups[1].Value.Split('_').Select(word => word[0] + word[1..].ToLowerInvariant());
        return $"{_section!.Path}:{string.Concat(words)}";
    }

    [GeneratedRegex("RON_KMS_([A-Z]+(?:_[A-Z]+)*)")]
    private static partial Regex VariableName();
}
