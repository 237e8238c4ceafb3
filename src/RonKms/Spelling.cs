namespace RonKms;

/// <summary>Finds the name that was meant by one that does not exist.</summary>
internal static class Spelling
{
    /// <summary>The name that the fewest characters put in or taken out lead to, whatever their case; the first of several.</summary>
    internal static string Nearest(string name, IEnumerable<string> known) => known.MinBy(candidate => Distance(name, candidate))!;

    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 0; i < from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int above = row[j + 1];
                bool isSame = char.ToUpperInvariant(from[i]) == char.ToUpperInvariant(to[j]);
                row[j + 1] = isSame ? diagonal : 1 + Math.Min(above, row[j]);
                diagonal = above;
            }
        }

        return row[^1];
    }
}
