using System.Globalization;
using RonKms.Soak;

// RonKms.Soak MINUTES ADDRESS PID; the capability is in the environment variable KMS. Exit codes: 0 nothing to complain of, 1 something.
if (args is not [var minutes, var address, var pid]
    || !double.TryParse(minutes, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double length)
    || length <= 0
    || Environment.GetEnvironmentVariable("KMS") is not { Length: > 0 } capability)
{
    Console.Error.WriteLine("usage: KMS=CAPABILITY RonKms.Soak MINUTES ADDRESS PID");
    return 2;
}

return await Soak.RunAsync(TimeSpan.FromMinutes(length), new Uri(address), int.Parse(pid, CultureInfo.InvariantCulture), capability) ? 0 : 1;
