using System.Runtime.CompilerServices;

namespace RonKms.Tests.Memory;

/// <summary>What a call leaves behind on the stack.</summary>
internal static class UsedStack
{
    private const int Depth = 128 * 1024;
    private const int Room = 4096;

    /// <summary>Whether bytes lie where the stack of an act was, on a thread of its own.</summary>
    internal static bool Holds(ReadOnlyMemory<byte> secret, Action act)
    {
        bool isFound = false;
        Thread thread = new(
            () =>
            {
                RunDeeper(act);
                isFound = IsBelow(secret.Span);
            },
            maxStackSize: 1024 * 1024);
        thread.Start();
        thread.Join();
        return isFound;
    }

    /// <summary>So deep that the search's own frame lies above.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunDeeper(Action act)
    {
        Span<byte> room = stackalloc byte[Room];
        room.Clear();
        act();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    [SkipLocalsInit]
    private static bool IsBelow(ReadOnlySpan<byte> secret)
    {
        Span<byte> below = stackalloc byte[Depth];
        return below.IndexOf(secret) >= 0;
    }
}
