namespace RonKms.Pkcs11.Interop;

/// <summary>The constants of pkcs11t.h that this package uses, under their C names.</summary>
/// <remarks>Source: OASIS PKCS#11 Specification 3.1, appendix B; 3.2 for ML-DSA and ML-KEM.</remarks>
internal static class CK
{
    internal const uint CKF_OS_LOCKING_OK = 0x2;

    internal const uint CKF_LOGIN_REQUIRED = 0x4;
    internal const uint CKF_PROTECTED_AUTHENTICATION_PATH = 0x100;
    internal const uint CKF_TOKEN_INITIALIZED = 0x400;
    internal const uint CKF_USER_PIN_FINAL_TRY = 0x20000;
    internal const uint CKF_USER_PIN_LOCKED = 0x40000;

    internal const uint CKF_RW_SESSION = 0x2;
    internal const uint CKF_SERIAL_SESSION = 0x4;

    internal const uint CKS_RW_USER_FUNCTIONS = 3;
    internal const uint CKU_USER = 1;

    internal const uint CKF_ENCRYPT = 0x100;
    internal const uint CKF_DECRYPT = 0x200;
    internal const uint CKF_SIGN = 0x800;
    internal const uint CKF_GENERATE = 0x8000;
    internal const uint CKF_GENERATE_KEY_PAIR = 0x10000;
    internal const uint CKF_WRAP = 0x20000;
    internal const uint CKF_UNWRAP = 0x40000;
    internal const uint CKF_DECAPSULATE = 0x20000000;

    internal const uint CKO_DATA = 0;
    internal const uint CKO_PUBLIC_KEY = 2;
    internal const uint CKO_PRIVATE_KEY = 3;
    internal const uint CKO_SECRET_KEY = 4;

    internal const uint CKK_RSA = 0x0;
    internal const uint CKK_EC = 0x3;
    internal const uint CKK_GENERIC_SECRET = 0x10;
    internal const uint CKK_AES = 0x1F;
    internal const uint CKK_EC_EDWARDS = 0x40;
    internal const uint CKK_ML_KEM = 0x49;
    internal const uint CKK_ML_DSA = 0x4A;

    internal const uint CKA_CLASS = 0x0;
    internal const uint CKA_TOKEN = 0x1;
    internal const uint CKA_PRIVATE = 0x2;
    internal const uint CKA_LABEL = 0x3;
    internal const uint CKA_APPLICATION = 0x10;
    internal const uint CKA_VALUE = 0x11;
    internal const uint CKA_KEY_TYPE = 0x100;
    internal const uint CKA_ID = 0x102;
    internal const uint CKA_SENSITIVE = 0x103;
    internal const uint CKA_ENCRYPT = 0x104;
    internal const uint CKA_DECRYPT = 0x105;
    internal const uint CKA_WRAP = 0x106;
    internal const uint CKA_UNWRAP = 0x107;
    internal const uint CKA_SIGN = 0x108;
    internal const uint CKA_SIGN_RECOVER = 0x109;
    internal const uint CKA_VERIFY = 0x10A;
    internal const uint CKA_VERIFY_RECOVER = 0x10B;
    internal const uint CKA_DERIVE = 0x10C;
    internal const uint CKA_MODULUS = 0x120;
    internal const uint CKA_MODULUS_BITS = 0x121;
    internal const uint CKA_PUBLIC_EXPONENT = 0x122;
    internal const uint CKA_PRIVATE_EXPONENT = 0x123;
    internal const uint CKA_PRIME_1 = 0x124;
    internal const uint CKA_PRIME_2 = 0x125;
    internal const uint CKA_EXPONENT_1 = 0x126;
    internal const uint CKA_EXPONENT_2 = 0x127;
    internal const uint CKA_COEFFICIENT = 0x128;
    internal const uint CKA_VALUE_LEN = 0x161;
    internal const uint CKA_EXTRACTABLE = 0x162;
    internal const uint CKA_LOCAL = 0x163;
    internal const uint CKA_NEVER_EXTRACTABLE = 0x164;
    internal const uint CKA_ALWAYS_SENSITIVE = 0x165;
    internal const uint CKA_MODIFIABLE = 0x170;
    internal const uint CKA_COPYABLE = 0x171;
    internal const uint CKA_DESTROYABLE = 0x172;
    internal const uint CKA_EC_PARAMS = 0x180;
    internal const uint CKA_EC_POINT = 0x181;
    internal const uint CKA_PARAMETER_SET = 0x61D;
    internal const uint CKA_ENCAPSULATE = 0x633;
    internal const uint CKA_DECAPSULATE = 0x634;
    internal const uint CKA_SEED = 0x637;

    internal const uint CKM_RSA_PKCS_KEY_PAIR_GEN = 0x0;
    internal const uint CKM_RSA_PKCS = 0x1;
    internal const uint CKM_RSA_PKCS_PSS = 0xD;
    internal const uint CKM_ML_KEM_KEY_PAIR_GEN = 0xF;
    internal const uint CKM_ML_KEM = 0x17;
    internal const uint CKM_ML_DSA_KEY_PAIR_GEN = 0x1C;
    internal const uint CKM_ML_DSA = 0x1D;
    internal const uint CKM_SHA256_RSA_PKCS = 0x40;
    internal const uint CKM_SHA256_RSA_PKCS_PSS = 0x43;
    internal const uint CKM_SHA256 = 0x250;
    internal const uint CKM_EC_KEY_PAIR_GEN = 0x1040;
    internal const uint CKM_ECDSA = 0x1041;
    internal const uint CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
    internal const uint CKM_EDDSA = 0x1057;
    internal const uint CKM_AES_KEY_GEN = 0x1080;
    internal const uint CKM_AES_ECB = 0x1081;
    internal const uint CKM_AES_GCM = 0x1087;
    internal const uint CKM_AES_KEY_WRAP_PAD = 0x210A;
    internal const uint CKM_AES_KEY_WRAP_KWP = 0x210B;

    internal const uint CKG_MGF1_SHA256 = 0x2;
    internal const uint CKH_HEDGE_PREFERRED = 0x0;

    internal const uint CKP_ML_DSA_44 = 0x1;
    internal const uint CKP_ML_DSA_65 = 0x2;
    internal const uint CKP_ML_DSA_87 = 0x3;
    internal const uint CKP_ML_KEM_512 = 0x1;
    internal const uint CKP_ML_KEM_768 = 0x2;
    internal const uint CKP_ML_KEM_1024 = 0x3;
}
