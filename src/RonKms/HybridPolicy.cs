namespace RonKms;

/// <summary>Which halves of an <c>ed25519+mldsa65</c> signature must be good. Both are checked under every policy.</summary>
public enum HybridPolicy
{
    /// <summary>Both: forging takes breaking Ed25519 and ML-DSA-65.</summary>
    Both,

    /// <summary>At least one: forging takes breaking either. For a migration's first step alone; refused outside <see cref="PqMode.Classical"/>.</summary>
    Either,

    /// <summary>The ML-DSA-65 half; the other may be anything.</summary>
    PostQuantum,
}
