namespace RonKms.Fuzz.Engine;

/// <summary>Finds a few inputs that take all the edges that many take.</summary>
internal static class Minimiser
{
    /// <summary>Chooses again and again the input that adds most, and of several the smallest.</summary>
    internal static List<byte[]> Choose(FuzzTarget target, IEnumerable<byte[]> inputs)
    {
        List<(byte[] Input, HashSet<int> Edges)> left = [.. inputs.Select(input => (input, EdgesOf(target, input)))];
        List<byte[]> chosen = [];
        while (left.Count > 0)
        {
            (byte[] input, HashSet<int> edges) = left.OrderByDescending(one => one.Edges.Count).ThenBy(one => one.Input.Length).First();
            if (edges.Count == 0)
            {
                break;
            }

            chosen.Add(input);
            HashSet<int> taken = [.. edges];
            left.ForEach(one => one.Edges.ExceptWith(taken));
        }

        return chosen;
    }

    private static HashSet<int> EdgesOf(FuzzTarget target, byte[] input)
    {
        // Twice: what happens once a process is not the input's.
        target.Execute(input);
        EdgeMap.Clear();
        target.Execute(input);
        HashSet<int> edges = [];
        for (int i = 0; i < EdgeMap.Size; i++)
        {
            if (EdgeMap.Counters[i] != 0)
            {
                edges.Add(i);
            }
        }

        return edges;
    }
}
