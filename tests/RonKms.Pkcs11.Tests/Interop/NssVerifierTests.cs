using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>Signatures made in NSS verify elsewhere.</summary>
public sealed class NssVerifierTests() : OtherVerifierTests(Nss.Open());
