using RonKms.Pkcs11.Tests.Modules;

namespace RonKms.Pkcs11.Tests.Interop;

/// <summary>Signatures made in SoftHSM verify elsewhere.</summary>
public sealed class SoftHsmVerifierTests() : OtherVerifierTests(SoftHsm.Open());
