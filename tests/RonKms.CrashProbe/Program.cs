using System.Globalization;
using RonKms.CrashProbe;

// RonKms.CrashProbe drive KILLS SEED PLACE…   kills writers, and checks the store in each place; anchored:PLACE is one with an anchor
// RonKms.CrashProbe write PLACE KEK SEED      is such a writer, until it is killed
// RonKms.CrashProbe open PLACE KEK            only opens the store, until it is killed
switch (args)
{
    case ["drive", string kills, string seed, _, ..]:
        return new Driver(int.Parse(kills, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), args[3..]).Run();
    case ["write", string place, string kek, string seed]:
        new Writer(new TestStore(place), kek, int.Parse(seed, CultureInfo.InvariantCulture)).Run();
        return 1;
    case ["open", string place, string kek]:
        new Writer(new TestStore(place), kek, seed: 0).OpenOnly();
        return 1;
    default:
        Console.Error.WriteLine("usage: RonKms.CrashProbe drive KILLS SEED [anchored:]PLACE…");
        return 2;
}
