namespace RonKms.Pkcs11.Keys;

/// <summary>What is asked of a new object beside what it must be. A token that does not take all of it is asked for less.</summary>
[Flags]
internal enum TokenForm
{
    /// <summary>Nothing.</summary>
    Plain = 0,

    /// <summary>The public object is a private one, so that nobody deletes, exchanges or doubles it without the PIN.</summary>
    Hidden = 1,

    /// <summary>Other uses than the one that it has are refused by name; so is changing or copying the secret object.</summary>
    Narrow = 2,
}
