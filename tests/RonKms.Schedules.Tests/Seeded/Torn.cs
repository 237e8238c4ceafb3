namespace RonKms.Schedules.Seeded;

/// <summary>What is not done at once, as <see cref="Interlocked"/> does it. Planted into the core, and so public.</summary>
public static class Torn
{
    public static T? CompareExchange<T>(ref T? location, T? value, T? comparand)
        where T : class?
    {
        T? found = Volatile.Read(ref location);
        if (found == comparand)
        {
            Volatile.Write(ref location, value);
        }

        return found;
    }
}
