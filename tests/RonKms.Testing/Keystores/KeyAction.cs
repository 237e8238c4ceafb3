namespace RonKms.Testing.Keystores;

/// <summary>What the rows of the table of states speak of: docs/formats/ronk-v1.md, section 8.</summary>
public enum KeyAction
{
    /// <summary>Sign a message.</summary>
    Sign,

    /// <summary>Compute a message authentication code.</summary>
    ComputeMac,

    /// <summary>Make an envelope.</summary>
    Wrap,

    /// <summary>Encapsulate to the key itself.</summary>
    Encapsulate,

    /// <summary>Verify a signature that was made while the version was current.</summary>
    Verify,

    /// <summary>Ask for the public key.</summary>
    GetPublicKey,

    /// <summary>Recover a shared secret that was encapsulated while the version was current.</summary>
    Decapsulate,

    /// <summary>Open an envelope that was made while the version was current.</summary>
    Unwrap,

    /// <summary>Verify a code that was computed while the version was current.</summary>
    VerifyMac,

    /// <summary>Make the next version.</summary>
    Rotate,
}
