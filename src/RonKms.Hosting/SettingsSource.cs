using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace RonKms.Hosting;

/// <summary>Where the settings come from, and their check. Names in messages are those of the source.</summary>
/// <remarks>Bound by hand and not by reflection: so that an unknown key is refused, and so that it works in a trimmed program.</remarks>
internal sealed partial class SettingsSource : IValidateOptions<KeystoreSettings>
{
    private const string LockTimeout = nameof(KeystoreOptions.LockTimeout);

    private static readonly Dictionary<string, Action<KeystoreSettings, string>> s_setters = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(KeystoreSettings.Store)] = (s, value) => s.Store = value,
        [nameof(KeystoreSettings.Create)] = (s, value) => s.Create = Flag(value),
        [nameof(KeystoreSettings.KekFile)] = (s, value) => s.KekFile = value,
        [nameof(KeystoreSettings.PassphraseFile)] = (s, value) => s.PassphraseFile = value,
        [nameof(KeystoreSettings.PqMode)] = (s, value) => s.PqMode = value,
        [nameof(KeystoreSettings.Amnesia)] = (s, value) => s.Amnesia = Flag(value),
        [nameof(KeystoreSettings.RotateDays)] = (s, value) => s.RotateDays = value,
        [nameof(KeystoreSettings.Metrics)] = (s, value) => s.Metrics = Flag(value),
    };

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
            KeystoreSettings environment = KeystoreSettings.FromEnvironment();
            settings.Store = environment.Store;
            settings.Create = environment.Create;
            settings.KekFile = environment.KekFile;
            settings.PassphraseFile = environment.PassphraseFile;
            settings.PqMode = environment.PqMode;
            settings.Amnesia = environment.Amnesia;
            settings.RotateDays = environment.RotateDays;
            settings.Metrics = environment.Metrics;
            return;
        }

        List<string> refused = [];
        foreach (IConfigurationSection setting in _section.GetChildren())
        {
            if (s_setters.TryGetValue(setting.Key, out Action<KeystoreSettings, string>? set))
            {
                if (setting.Value is { Length: > 0 } value)
                {
                    set(settings, value);
                }
            }
            else if (!setting.Key.Equals(LockTimeout, StringComparison.OrdinalIgnoreCase))
            {
                refused.Add(
                    $"{setting.Path} is not a setting. There are {string.Join(", ", s_setters.Keys)} and {LockTimeout}; secrets are never values, only names of files.");
            }
        }

        if (refused.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(KeystoreSettings), refused);
        }
    }

    internal void Fill(KeystoreOptions options)
    {
        if (_section?[LockTimeout] is not { Length: > 0 } text)
        {
            return;
        }

        if (!TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan timeout) || timeout < TimeSpan.Zero)
        {
            throw new OptionsValidationException(
                Options.DefaultName, typeof(KeystoreOptions), [$"{_section.Path}:{LockTimeout} must be a time such as 00:00:30, zero or longer."]);
        }

        options.LockTimeout = timeout;
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

    // RON_KMS_PQ_MODE as RonKms:PqMode
    private string AsSetting(Match variable)
    {
        string name = variable.Groups[1].Value.Replace("_", "", StringComparison.Ordinal);
        return $"{_section!.Path}:{s_setters.Keys.First(key => key.Equals(name, StringComparison.OrdinalIgnoreCase))}";
    }

    // JSON has true and false.
    private static string Flag(string value) => bool.TryParse(value, out bool flag) ? (flag ? "1" : "0") : value;

    [GeneratedRegex("RON_KMS_([A-Z_]+)")]
    private static partial Regex VariableName();
}
