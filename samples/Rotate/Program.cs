// What rotation changes, and what it does not.
using RonKms;

using Keystore kms = Keystore.InMemory();

// Signatures: only the newest version signs, and every version verifies.
KeyId v1 = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
byte[] oldSignature = kms.Sign(v1, "before"u8);
KeyId v2 = kms.Rotate(v1);
Console.WriteLine($"rotated to #v{v2.Version}");
Console.WriteLine($"the old signature verifies under #v1: {kms.Verify(v1, "before"u8, oldSignature)}");
try
{
    kms.Sign(v1, "after"u8);
}
catch (KmsException e) when (e.Error == KmsError.NotLatestVersion)
{
    Console.WriteLine($"#v1 signs no more: {e.Error}");
}

// Rotation is a compare-and-swap: of two that start from the same version, one wins.
try
{
    kms.Rotate(v1);
}
catch (KmsException e) when (e.Error == KmsError.NotLatestVersion)
{
    Console.WriteLine($"a second rotation of #v1 loses: {e.Error}");
}

// A caller that does not follow versions asks for the latest, and is told which it was.
kms.Sign(v1.Latest, "after"u8, out KeyId signedBy);
Console.WriteLine($"#latest signed as #v{signedBy.Version}");

// Envelopes name the version that opens them; rewrapping moves one to the newest.
KeyId wrap1 = kms.Create("app", "column-7", KeyAlgorithm.Aes256Gcm);
byte[] envelope = kms.Wrap(wrap1, "4111 1111"u8, "row 12"u8);
KeyId wrap2 = kms.Rotate(wrap1);
byte[] moved = kms.Rewrap(wrap1, envelope, "row 12"u8);
kms.Destroy(wrap1);
using SecretBytes plaintext = kms.Unwrap(wrap2, moved, "row 12"u8);
Console.WriteLine($"after #v1 is destroyed the moved envelope opens: {plaintext.Reveal().SequenceEqual("4111 1111"u8)}");
