namespace RonKms;

/// <summary>What the keys of an algorithm do.</summary>
public enum KeyUse
{
    /// <summary>Sign and verify.</summary>
    Sign,

    /// <summary>Encapsulate and decapsulate.</summary>
    Encapsulate,

    /// <summary>Wrap and unwrap.</summary>
    Wrap,

    /// <summary>Compute and verify message authentication codes.</summary>
    Mac,
}
