using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RonKms.Hosting.Tests;

/// <summary>These change the process's environment, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(EnvironmentTests), DisableParallelization = true)]
[Collection(nameof(EnvironmentTests))]
public sealed class EnvironmentTests
{
    [Fact]
    public void Without_a_section_the_environment_is_read()
    {
        With("RON_KMS_ROTATE_DAYS", "12", services =>
        {
            IKeystore kms = services.GetRequiredService<IKeystore>();
            KeyInfo info = kms.Get(kms.Create("auth", "signing", KeyAlgorithm.Ed25519));

            Assert.Equal(info.CreatedAt + TimeSpan.FromDays(12), info.RotateAfter);
        });
    }

    [Theory]
    [InlineData("RON_KMS_ANCHOR", "file:/anchors")]
    [InlineData("RON_KMS_READ_ONLY", "1")]
    [InlineData("RON_KMS_MAX_STALENESS", "soon")]
    public void Every_variable_reaches_the_settings(string variable, string value)
    {
        With(variable, value, services =>
        {
            OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IKeystore>());

            Assert.Contains($"{variable} must be", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_variable_that_is_not_allowed_is_named_as_the_variable_it_is()
    {
        With("RON_KMS_PQ_MODE", "quantum", services =>
        {
            OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IKeystore>());

            Assert.Contains("RON_KMS_PQ_MODE must be classical, hybrid or pq, in lower case", refused.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_variable_that_is_not_a_setting_is_refused()
    {
        With("RON_KMS_STOER", "file:secrets", services =>
        {
            OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IKeystore>());

            Assert.Contains("RON_KMS_STOER is not a setting; the nearest is RON_KMS_STORE.", refused.Message, StringComparison.Ordinal);
        });
    }

    private static void With(string variable, string value, Action<IServiceProvider> test)
    {
        ServiceCollection services = new();
        services.AddRonKms();
        using ServiceProvider provider = services.BuildServiceProvider();
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            test(provider);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }
}
