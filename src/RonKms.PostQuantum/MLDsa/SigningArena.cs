using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RonKms.Algorithms;
using static RonKms.PostQuantum.MLDsa.MLDsaParameters;

namespace RonKms.PostQuantum.MLDsa;

/// <summary>The working memory of one signature, guarded, and large enough for every parameter set.</summary>
/// <remarks>
/// 29 KiB in four pieces, because the largest slot of guarded memory has 16 KiB and a larger piece would cost system calls. Taking
/// them anew for every signature would allocate, so arenas are kept: at most one a processor, wiped whenever they come back.
/// </remarks>
internal sealed class SigningArena : IDisposable
{
    private const int PackedW1Size = 192;

    private static readonly HandlePool<SigningArena> s_idle = new(() => new SigningArena());

    private readonly SecretBytes _yAndC;
    private readonly SecretBytes _yHatAndTerm;
    private readonly SecretBytes _w;
    private readonly SecretBytes _bytes;

    private SigningArena()
    {
        try
        {
            _yAndC = SecretBytes.Allocate((MaxL + 1) * PolynomialVector.PolynomialSize);
            _yHatAndTerm = SecretBytes.Allocate((MaxL + 1) * PolynomialVector.PolynomialSize);
            _w = SecretBytes.Allocate(MaxK * PolynomialVector.PolynomialSize);
            _bytes = SecretBytes.Allocate(HashSize + MaxCommitmentHashSize + PackedW1Size + ExpandMask.Room);
        }
        catch
        {
            // Nobody else will give back what was had before memory ran out.
            _yAndC?.Dispose();
            _yHatAndTerm?.Dispose();
            _w?.Dispose();
            throw;
        }
    }

    /// <summary>The mask y, then the response z = y + cs1: up to <see cref="MaxL"/> polynomials.</summary>
    internal Span<int> Y => Integers(_yAndC)[..(MaxL * N)];

    /// <summary>The challenge, as c and as ĉ.</summary>
    internal Span<int> C => Integers(_yAndC)[(MaxL * N)..];

    /// <summary>ŷ: up to <see cref="MaxL"/> polynomials.</summary>
    internal Span<int> YHat => Integers(_yHatAndTerm)[..(MaxL * N)];

    /// <summary>One polynomial for whatever is at hand: w1, a part of cs1, cs2, ct0.</summary>
    internal Span<int> Term => Integers(_yHatAndTerm)[(MaxL * N)..];

    /// <summary>The commitment w, then w − cs2, then the hint: up to <see cref="MaxK"/> polynomials.</summary>
    internal Span<int> W => Integers(_w);

    /// <summary>ρ″.</summary>
    internal Span<byte> RhoDoublePrime => _bytes.Reveal()[..HashSize];

    /// <summary>c̃.</summary>
    internal Span<byte> CommitmentHash => _bytes.Reveal().Slice(HashSize, MaxCommitmentHashSize);

    /// <summary>A packed polynomial of w1.</summary>
    internal Span<byte> PackedW1 => _bytes.Reveal().Slice(HashSize + MaxCommitmentHashSize, PackedW1Size);

    /// <summary>The packed polynomials of y.</summary>
    internal Span<byte> PackedY => _bytes.Reveal()[(HashSize + MaxCommitmentHashSize + PackedW1Size)..];

    /// <summary>Takes an arena that nobody else uses.</summary>
    /// <returns>The arena, wiped; it goes back by <see cref="Return"/>.</returns>
    internal static SigningArena Rent() => s_idle.Rent();

    /// <summary>Wipes an arena and gives it back.</summary>
    /// <param name="arena">What <see cref="Rent"/> gave.</param>
    internal static void Return(SigningArena arena)
    {
        arena.Wipe();
        s_idle.Return(arena);
    }

    /// <summary>Gives the memory up.</summary>
    public void Dispose()
    {
        _yAndC.Dispose();
        _yHatAndTerm.Dispose();
        _w.Dispose();
        _bytes.Dispose();
    }

    private static Span<int> Integers(SecretBytes memory) => MemoryMarshal.Cast<byte, int>(memory.Reveal());

    private void Wipe()
    {
        CryptographicOperations.ZeroMemory(_yAndC.Reveal());
        CryptographicOperations.ZeroMemory(_yHatAndTerm.Reveal());
        CryptographicOperations.ZeroMemory(_w.Reveal());
        CryptographicOperations.ZeroMemory(_bytes.Reveal());
    }
}
