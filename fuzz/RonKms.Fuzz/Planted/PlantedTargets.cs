using RonKms.Fuzz.Engine;

namespace RonKms.Fuzz.Planted;

/// <summary>The targets of <c>--self-test</c>.</summary>
internal static class PlantedTargets
{
    /// <summary>Each with a part of what its crash must say.</summary>
    internal static IReadOnlyList<(FuzzTarget Target, string Expected)> All { get; } =
    [
        (new FuzzTarget("planted-exception", PlantedBugs.Throws) { MaxSize = 256 }, nameof(IndexOutOfRangeException)),
        (new FuzzTarget("planted-overflow", PlantedBugs.Overflows) { MaxSize = 256 }, "Stack overflow"),
        (new FuzzTarget("planted-hang", PlantedBugs.Hangs) { MaxSize = 256, TimeLimit = TimeSpan.FromSeconds(3) }, "took longer"),
    ];

    /// <summary>What they begin with: a valid input, in which nothing is wrong.</summary>
    internal static byte[] Seed => [.. PlantedBugs.Magic, 1, 1, 4, 1, 2, 3, 4, 2, 2, 5, 6, 3, 1, 7];
}
