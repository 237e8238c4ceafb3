using RonKms.Fuzz.Engine;
using RonKms.Fuzz.Planted;

namespace RonKms.Fuzz.Targets;

/// <summary>Every target. A new one is a line here.</summary>
internal static class AllTargets
{
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        KeyIdTarget.Target,
        RecordTarget.Target,
        EnvelopeTarget.Target,
        StoreDescriptionTarget.Target,
        BackupTarget.Target,
        RecordNameTarget.Target,
        JournalLineTarget.Target,
        JournalTarget.Target,
        AnchorTarget.Target,
        MacaroonTarget.Target,
        CaveatTarget.Target,
        TokenUriTarget.Target,
        Pkcs8Target.Target,
        PublicKeyTarget.Target,
        EcdsaDerTarget.Target,
        ExpositionTarget.Target,
        MLKemTarget.Target,
        MLDsaTarget.Target,
        SlhDsaTarget.Target,
        HashLanesTarget.Target,
        WireTarget.Target,
    ];

    /// <summary>A target, or one of the self-test's, by its name.</summary>
    internal static FuzzTarget? Find(string name) =>
        All.Concat(PlantedTargets.All.Select(planted => planted.Target)).FirstOrDefault(target => target.Name == name);
}
