// The smallest whole: a key in memory signs, and its signature verifies.
using RonKms;

using Keystore kms = Keystore.InMemory();
KeyId kid = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
byte[] signature = kms.Sign(kid, "rustyonions"u8);
bool good = kms.Verify(kid, "rustyonions"u8, signature);
Console.WriteLine($"{kid}: {(good ? "verified" : "NOT verified")}");
return good ? 0 : 1;
