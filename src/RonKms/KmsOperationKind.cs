namespace RonKms;

/// <summary>What is being done with a key.</summary>
public enum KmsOperationKind
{
    /// <summary>A key is made.</summary>
    Create,

    /// <summary>A key is brought in.</summary>
    Import,

    /// <summary>A message is signed.</summary>
    Sign,

    /// <summary>A signature is verified.</summary>
    Verify,

    /// <summary>A message authentication code is computed or verified.</summary>
    Mac,

    /// <summary>A shared secret is encapsulated.</summary>
    Encap,

    /// <summary>A shared secret is decapsulated.</summary>
    Decap,

    /// <summary>A key gets a new version.</summary>
    Rotate,

    /// <summary>A record is sealed. Counted, not guarded: it is part of another operation.</summary>
    Seal,

    /// <summary>A record is unsealed. Counted, not guarded: it is part of another operation.</summary>
    Unseal,

    /// <summary>An envelope is made.</summary>
    Wrap,

    /// <summary>An envelope, or an HPKE ciphertext, is opened.</summary>
    Unwrap,

    /// <summary>A key's history is attested.</summary>
    Attest,

    /// <summary>A version is put out of use.</summary>
    Disable,

    /// <summary>A version is put back into use.</summary>
    Enable,

    /// <summary>A version is destroyed.</summary>
    Destroy,
}
