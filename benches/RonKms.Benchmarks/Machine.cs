using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RonKms.Benchmarks;

/// <summary>What figures were measured on.</summary>
internal static class Machine
{
    /// <summary>One line: processors, system, runtime, OpenSSL.</summary>
    internal static string Description => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} x {Processor}, {RuntimeInformation.ProcessArchitecture}, {SystemName}, {RuntimeInformation.FrameworkDescription}{OpenSsl}");

    private static string Processor => ValueOf("/proc/cpuinfo", "model name", ':') ?? "processor";

    private static string SystemName => ValueOf("/etc/os-release", "PRETTY_NAME", '=') ?? RuntimeInformation.OSDescription;

    // 0xMNN00PP0: major, minor and patch.
    private static string OpenSsl => OperatingSystem.IsLinux()
        ? string.Create(
            CultureInfo.InvariantCulture,
            $", OpenSSL {SafeEvpPKeyHandle.OpenSslVersion >> 28}.{(SafeEvpPKeyHandle.OpenSslVersion >> 20) & 0xFF}.{(SafeEvpPKeyHandle.OpenSslVersion >> 4) & 0xFF}")
        : "";

    private static string? ValueOf(string file, string name, char separator) => !File.Exists(file) ? null : File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(separator, 2)[1].Trim(' ', '"');
}
