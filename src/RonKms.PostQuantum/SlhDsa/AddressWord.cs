namespace RonKms.PostQuantum.SlhDsa;

/// <summary>A word of an address that counts, by where it begins: FIPS 205, section 4.2.</summary>
internal enum AddressWord
{
    /// <summary>The key pair.</summary>
    KeyPair = 20,

    /// <summary>The chain of a WOTS+ key; in trees, the height of a node.</summary>
    ChainOrHeight = 24,

    /// <summary>The step of a WOTS+ chain; in trees, the index of a node.</summary>
    HashOrIndex = 28,
}
