using RonKms.DevServer.Wire;

namespace RonKms.DevServer.Keys;

/// <summary>A key version in a list.</summary>
internal sealed record KeySummary(string Kid, string Alg, bool Hybrid, uint LatestVersion, KeyVersionState State)
{
    internal static KeySummary Of(KeyInfo info) =>
        new(info.Id.ToString(), WireAlgorithm.NameOf(info.Id.Algorithm), info.Id.Algorithm.IsHybrid, info.LatestVersion, KeyVersionState.Of(info));
}
