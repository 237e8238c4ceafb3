namespace RonKms.PostQuantum.SlhDsa;

/// <summary>What an address is the address of: FIPS 205, table 1.</summary>
internal enum AddressType
{
    /// <summary>A step of a WOTS+ chain.</summary>
    WotsHash = 0,

    /// <summary>The compression of a WOTS+ public key.</summary>
    WotsPk = 1,

    /// <summary>A node of an XMSS tree.</summary>
    Tree = 2,

    /// <summary>A node of a FORS tree.</summary>
    ForsTree = 3,

    /// <summary>The compression of the roots of the FORS trees.</summary>
    ForsRoots = 4,

    /// <summary>A secret value of WOTS+.</summary>
    WotsPrf = 5,

    /// <summary>A secret value of FORS.</summary>
    ForsPrf = 6,
}
