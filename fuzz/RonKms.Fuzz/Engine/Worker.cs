using System.Diagnostics;

namespace RonKms.Fuzz.Engine;

/// <summary>The loop in the instrumented copy: chooses an input, changes it, runs it, and keeps it if it did something new.</summary>
internal sealed class Worker
{
    // How often a chosen input is changed before another one is chosen.
    private const int Round = 64;

    private readonly FuzzTarget _target;
    private readonly SharedState _state;
    private readonly Random _random;
    private readonly Coverage _coverage = new();
    private readonly List<CorpusEntry> _corpus = [];

    internal Worker(FuzzTarget target, SharedState state, int seed)
    {
        _target = target;
        _state = state;
        _random = new Random(seed);
    }

    /// <summary>Runs the seeds, and then inputs made of them until the time is over.</summary>
    /// <param name="seeds">Inputs to begin with.</param>
    /// <param name="time">How long, from the last seed on.</param>
    /// <param name="keep">Told of each input that did something new.</param>
    /// <exception cref="Exception">A crash: of the input in the shared state.</exception>
    internal void Run(IEnumerable<byte[]> seeds, TimeSpan time, Action<byte[]> keep)
    {
        foreach (byte[] seed in seeds.DefaultIfEmpty([]))
        {
            _ = Execute(seed, out int newEdges);
            _corpus.Add(new CorpusEntry(seed, newEdges));
        }

        Mutator mutator = new(_random, _target.Tokens, _target.MaxSize);
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < time)
        {
            CorpusEntry entry = Choose();
            entry.Chosen++;
            for (int i = 0; i < Round && Stopwatch.GetElapsedTime(began) < time; i++)
            {
                ReadOnlySpan<byte> input = mutator.Mutate(entry.Bytes, _corpus[_random.Next(_corpus.Count)].Bytes);
                if (Execute(input, out int newEdges))
                {
                    entry.Found++;
                    byte[] found = input.ToArray();
                    _corpus.Add(new CorpusEntry(found, newEdges));
                    keep(found);
                }
            }

            _state.Report(_coverage.Edges, _corpus.Count);
        }
    }

    /// <summary>Of a few at random, the one that was tried least for what it gave.</summary>
    private CorpusEntry Choose()
    {
        CorpusEntry best = _corpus[_random.Next(_corpus.Count)];
        for (int i = 0; i < 3; i++)
        {
            CorpusEntry other = _corpus[_random.Next(_corpus.Count)];
            best = other.Spent < best.Spent ? other : best;
        }

        return best;
    }

    private bool Execute(ReadOnlySpan<byte> input, out int newEdges)
    {
        _state.Input = input;
        EdgeMap.Clear();
        _target.Execute(input);
        return _coverage.Add(out newEdges);
    }
}
