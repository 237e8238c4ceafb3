using System.Collections.Concurrent;
using RonKms.Algorithms;
using RonKms.Backends;
using RonKms.Sealing;

namespace RonKms.Tests.Keystores;

/// <summary>The software backend, which writes down when secrets are made and opened.</summary>
internal sealed class SpyBackend(AlgorithmCatalog? catalog = null) : KeyBackend
{
    private readonly SoftwareBackend _inner = new(catalog ?? AlgorithmCatalog.Classical);
    private readonly ConcurrentQueue<string> _calls = new();
    private readonly ConcurrentQueue<OpenedKey> _opened = new();

    public IReadOnlyCollection<string> Calls => _calls;

    public bool IsDisposed { get; private set; }

    public override string Name => "spy";

    /// <summary>What it says to support, where that is not what it does.</summary>
    public Func<KeyAlgorithm, bool>? Has { get; set; }

    /// <summary>Done before a key is opened.</summary>
    public Action? OnOpen { get; set; }

    /// <summary>Given in the place of any key that is opened.</summary>
    public OpenedKey? Instead { get; set; }

    /// <summary>How many keys were opened since the last <see cref="Forget"/>.</summary>
    public int Opened => _calls.Count(call => call == nameof(Open));

    /// <summary>How many keys that were opened are not given up.</summary>
    public int Held => _opened.Count(IsHeld);

    public void Forget() => _calls.Clear();

    public override bool Supports(KeyAlgorithm algorithm) => Has?.Invoke(algorithm) ?? _inner.Supports(algorithm);

    public override GeneratedKey Generate(KeyAlgorithm algorithm)
    {
        _calls.Enqueue(nameof(Generate));
        return _inner.Generate(algorithm);
    }

    public override GeneratedKey? Import(KeyAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        _calls.Enqueue(nameof(Import));
        return _inner.Import(algorithm, secret);
    }

    public override OpenedKey? Open(in RecordBody body, ReadOnlySpan<byte> publicKey)
    {
        _calls.Enqueue(nameof(Open));
        OnOpen?.Invoke();
        OpenedKey? opened = Instead ?? _inner.Open(body, publicKey);
        if (opened is not null)
        {
            _opened.Enqueue(opened);
        }

        return opened;
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        _inner.Dispose();
        base.Dispose(disposing);
    }

    private static bool IsHeld(OpenedKey key)
    {
        if (!key.TryEnter())
        {
            return false;
        }

        key.Leave();
        return true;
    }
}
