using System.Globalization;
using RonKms.CrashProbe;

// RonKms.CrashProbe drive KILLS SEED DIRECTORY…   kills writers, and checks the store in each directory
// RonKms.CrashProbe write DIRECTORY SEED          is such a writer, until it is killed
switch (args)
{
    case ["drive", string kills, string seed, _, ..]:
        return new Driver(int.Parse(kills, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), args[3..]).Run();
    case ["write", string directory, string seed]:
        new Writer(directory, int.Parse(seed, CultureInfo.InvariantCulture)).Run();
        return 1;
    default:
        Console.Error.WriteLine("usage: RonKms.CrashProbe drive KILLS SEED DIRECTORY…");
        return 2;
}
