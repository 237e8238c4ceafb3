using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>The functions of one PKCS#11 module, under their C names. Each throws <see cref="CryptokiException"/> for any code but CKR_OK.</summary>
/// <remarks>
/// The functions are called through the module's own list (C_GetInterface, or C_GetFunctionList before version 3.0), never by export.
/// Buffers are pinned for the time of the call. Source: OASIS PKCS#11 Specification 2.40, 3.1 and 3.2, section 5; pkcs11f.h gives the order of the list.
/// </remarks>
internal sealed unsafe class Cryptoki
{
    // What a module says of how many slots there are is not believed without end.
    private const int MaxSlots = 4096;

    private readonly nint* _functions;

    /// <summary>Reads a module's function list.</summary>
    /// <param name="list">A CK_FUNCTION_LIST, which lives as long as the module.</param>
    internal Cryptoki(byte* list)
    {
        Version = *(CK_VERSION*)list;

        // After the two bytes of the version: packed on Windows, aligned elsewhere.
        _functions = (nint*)(list + (OperatingSystem.IsWindows() ? sizeof(CK_VERSION) : sizeof(nint)));
    }

    private enum Function
    {
        Initialize = 0,
        Finalize = 1,
        GetSlotList = 4,
        GetTokenInfo = 6,
        GetMechanismInfo = 8,
        OpenSession = 12,
        CloseSession = 13,
        GetSessionInfo = 15,
        Login = 18,
        Logout = 19,
        CreateObject = 20,
        DestroyObject = 22,
        GetAttributeValue = 24,
        SetAttributeValue = 25,
        FindObjectsInit = 26,
        FindObjects = 27,
        FindObjectsFinal = 28,
        EncryptInit = 29,
        Encrypt = 30,
        DecryptInit = 33,
        Decrypt = 34,
        SignInit = 42,
        Sign = 43,
        GenerateKey = 58,
        GenerateKeyPair = 59,
        WrapKey = 60,
        UnwrapKey = 61,
        DecapsulateKey = 93,
    }

    /// <summary>The version of the interface.</summary>
    internal CK_VERSION Version { get; }

    /// <summary>Whether its list has the functions that version 3.2 added.</summary>
    internal bool HasDecapsulation => Version.major > 3 || Version is { major: 3, minor: >= 2 };

    /// <summary>Initialises the module.</summary>
    /// <returns>Whether this call did it, and nobody before.</returns>
    internal bool C_Initialize()
    {
        CK_C_INITIALIZE_ARGS arguments = new() { flags = new CULong(CK.CKF_OS_LOCKING_OK) };
        CULong result = ((delegate* unmanaged[Cdecl]<CK_C_INITIALIZE_ARGS*, CULong>)Of(Function.Initialize))(&arguments);
        if (CodeOf(result) == CKR.CKR_CRYPTOKI_ALREADY_INITIALIZED)
        {
            return false;
        }

        Check(result, nameof(C_Initialize));
        return true;
    }

    internal void C_Finalize() => Check(((delegate* unmanaged[Cdecl]<void*, CULong>)Of(Function.Finalize))(null), nameof(C_Finalize));

    /// <summary>The slots with a token in them.</summary>
    internal CULong[] C_GetSlotList()
    {
        delegate* unmanaged[Cdecl]<byte, CULong*, CULong*, CULong> function =
            (delegate* unmanaged[Cdecl]<byte, CULong*, CULong*, CULong>)Of(Function.GetSlotList);
        CULong count;
        Check(function(1, null, &count), nameof(C_GetSlotList));

        // A few more, for tokens that are plugged in between the calls.
        CULong[] slots = new CULong[count.Value <= MaxSlots ? (int)count.Value + 8 : throw new CryptokiException(CKR.CKR_GENERAL_ERROR, nameof(C_GetSlotList))];
        count = new CULong((uint)slots.Length);
        fixed (CULong* first = slots)
        {
            Check(function(1, first, &count), nameof(C_GetSlotList));
        }

        return slots[..Fits(count, slots.Length, nameof(C_GetSlotList))];
    }

    internal CK_TOKEN_INFO C_GetTokenInfo(CULong slot)
    {
        CK_TOKEN_INFO info;
        Check(((delegate* unmanaged[Cdecl]<CULong, CK_TOKEN_INFO*, CULong>)Of(Function.GetTokenInfo))(slot, &info), nameof(C_GetTokenInfo));
        return info;
    }

    /// <summary>What a token says of a mechanism, or <see langword="null"/> where it does not have it.</summary>
    internal CK_MECHANISM_INFO? C_GetMechanismInfo(CULong slot, uint mechanism)
    {
        CK_MECHANISM_INFO info;
        CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_MECHANISM_INFO*, CULong>)Of(Function.GetMechanismInfo))(slot, new CULong(mechanism), &info);
        if (CodeOf(result) == CKR.CKR_MECHANISM_INVALID)
        {
            return null;
        }

        Check(result, nameof(C_GetMechanismInfo));
        return info;
    }

    internal CULong C_OpenSession(CULong slot)
    {
        CULong session;
        Check(
            ((delegate* unmanaged[Cdecl]<CULong, CULong, void*, void*, CULong*, CULong>)Of(Function.OpenSession))(
                slot, new CULong(CK.CKF_SERIAL_SESSION | CK.CKF_RW_SESSION), null, null, &session),
            nameof(C_OpenSession));
        return session;
    }

    internal void C_CloseSession(CULong session) =>
        Check(((delegate* unmanaged[Cdecl]<CULong, CULong>)Of(Function.CloseSession))(session), nameof(C_CloseSession));

    internal CK_SESSION_INFO C_GetSessionInfo(CULong session)
    {
        CK_SESSION_INFO info;
        Check(((delegate* unmanaged[Cdecl]<CULong, CK_SESSION_INFO*, CULong>)Of(Function.GetSessionInfo))(session, &info), nameof(C_GetSessionInfo));
        return info;
    }

    /// <summary>Logs the user in.</summary>
    /// <param name="session">Any session of the token.</param>
    /// <param name="pin">The PIN; empty where the token has its own way to ask for it.</param>
    /// <returns>Whether this call did it, and nobody before.</returns>
    internal bool C_Login(CULong session, ReadOnlySpan<byte> pin)
    {
        fixed (byte* first = pin)
        {
            CULong result = ((delegate* unmanaged[Cdecl]<CULong, CULong, byte*, CULong, CULong>)Of(Function.Login))(
                session, new CULong(CK.CKU_USER), first, new CULong((uint)pin.Length));
            if (CodeOf(result) == CKR.CKR_USER_ALREADY_LOGGED_IN)
            {
                return false;
            }

            Check(result, nameof(C_Login));
            return true;
        }
    }

    internal void C_Logout(CULong session) => Check(((delegate* unmanaged[Cdecl]<CULong, CULong>)Of(Function.Logout))(session), nameof(C_Logout));

    internal CULong C_CreateObject(CULong session, AttributeTemplate template)
    {
        CULong created;
        Check(
            ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)Of(Function.CreateObject))(
                session, template.Pointer, new CULong((uint)template.Count), &created),
            nameof(C_CreateObject));
        return created;
    }

    internal void C_DestroyObject(CULong session, CULong target) =>
        Check(((delegate* unmanaged[Cdecl]<CULong, CULong, CULong>)Of(Function.DestroyObject))(session, target), nameof(C_DestroyObject));

    /// <summary>Reads one attribute.</summary>
    /// <returns>How many bytes it has.</returns>
    internal int C_GetAttributeValue(CULong session, CULong target, uint type, Span<byte> value)
    {
        fixed (byte* first = value)
        {
            CK_ATTRIBUTE attribute = new() { type = new CULong(type), pValue = first, ulValueLen = new CULong((uint)value.Length) };
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)Of(Function.GetAttributeValue))(
                    session, target, &attribute, new CULong(1)),
                nameof(C_GetAttributeValue));

            // A length beyond the buffer means that nothing was written.
            return attribute.ulValueLen.Value <= (nuint)value.Length
                ? (int)attribute.ulValueLen.Value
                : throw new CryptokiException(CKR.CKR_BUFFER_TOO_SMALL, nameof(C_GetAttributeValue));
        }
    }

    internal void C_SetAttributeValue(CULong session, CULong target, AttributeTemplate template) => Check(
        ((delegate* unmanaged[Cdecl]<CULong, CULong, CK_ATTRIBUTE*, CULong, CULong>)Of(Function.SetAttributeValue))(
            session, target, template.Pointer, new CULong((uint)template.Count)),
        nameof(C_SetAttributeValue));

    /// <summary>Finds objects: C_FindObjectsInit, C_FindObjects and C_FindObjectsFinal.</summary>
    /// <returns>How many were found, at most as many as fit.</returns>
    internal int FindObjects(CULong session, AttributeTemplate template, Span<CULong> found)
    {
        Check(
            ((delegate* unmanaged[Cdecl]<CULong, CK_ATTRIBUTE*, CULong, CULong>)Of(Function.FindObjectsInit))(
                session, template.Pointer, new CULong((uint)template.Count)),
            "C_FindObjectsInit");
        int total = 0;
        fixed (CULong* first = found)
        {
            // Some modules give them in portions; none is the end.
            int portion = -1;
            while (portion != 0 && total < found.Length)
            {
                CULong count;
                Check(
                    ((delegate* unmanaged[Cdecl]<CULong, CULong*, CULong, CULong*, CULong>)Of(Function.FindObjects))(
                        session, first + total, new CULong((uint)(found.Length - total)), &count),
                    "C_FindObjects");
                portion = Fits(count, found.Length - total, "C_FindObjects");
                total += portion;
            }
        }

        Check(((delegate* unmanaged[Cdecl]<CULong, CULong>)Of(Function.FindObjectsFinal))(session), "C_FindObjectsFinal");
        return total;
    }

    internal void C_SignInit(CULong session, in CK_MECHANISM mechanism, CULong key) => Begin(Function.SignInit, session, mechanism, key, nameof(C_SignInit));

    internal int C_Sign(CULong session, ReadOnlySpan<byte> data, Span<byte> signature) => Transform(Function.Sign, session, data, signature, nameof(C_Sign));

    internal void C_EncryptInit(CULong session, in CK_MECHANISM mechanism, CULong key) =>
        Begin(Function.EncryptInit, session, mechanism, key, nameof(C_EncryptInit));

    internal int C_Encrypt(CULong session, ReadOnlySpan<byte> data, Span<byte> encrypted) =>
        Transform(Function.Encrypt, session, data, encrypted, nameof(C_Encrypt));

    internal void C_DecryptInit(CULong session, in CK_MECHANISM mechanism, CULong key) =>
        Begin(Function.DecryptInit, session, mechanism, key, nameof(C_DecryptInit));

    internal int C_Decrypt(CULong session, ReadOnlySpan<byte> encrypted, Span<byte> data) =>
        Transform(Function.Decrypt, session, encrypted, data, nameof(C_Decrypt));

    internal CULong C_GenerateKey(CULong session, in CK_MECHANISM mechanism, AttributeTemplate template)
    {
        CULong key;
        fixed (CK_MECHANISM* pointer = &mechanism)
        {
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CULong*, CULong>)Of(Function.GenerateKey))(
                    session, pointer, template.Pointer, new CULong((uint)template.Count), &key),
                nameof(C_GenerateKey));
        }

        return key;
    }

    internal (CULong PublicKey, CULong PrivateKey) C_GenerateKeyPair(
        CULong session, in CK_MECHANISM mechanism, AttributeTemplate publicTemplate, AttributeTemplate privateTemplate)
    {
        CULong publicKey;
        CULong privateKey;
        fixed (CK_MECHANISM* pointer = &mechanism)
        {
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CK_ATTRIBUTE*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong*, CULong>)Of(
                    Function.GenerateKeyPair))(
                    session,
                    pointer,
                    publicTemplate.Pointer,
                    new CULong((uint)publicTemplate.Count),
                    privateTemplate.Pointer,
                    new CULong((uint)privateTemplate.Count),
                    &publicKey,
                    &privateKey),
                nameof(C_GenerateKeyPair));
        }

        return (publicKey, privateKey);
    }

    internal int C_WrapKey(CULong session, in CK_MECHANISM mechanism, CULong wrappingKey, CULong key, Span<byte> wrapped)
    {
        CULong length = new((uint)wrapped.Length);
        fixed (CK_MECHANISM* pointer = &mechanism)
        fixed (byte* first = wrapped)
        {
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong, byte*, CULong*, CULong>)Of(Function.WrapKey))(
                    session, pointer, wrappingKey, key, first, &length),
                nameof(C_WrapKey));
        }

        return Fits(length, wrapped.Length, nameof(C_WrapKey));
    }

    internal CULong C_UnwrapKey(CULong session, in CK_MECHANISM mechanism, CULong unwrappingKey, ReadOnlySpan<byte> wrapped, AttributeTemplate template)
    {
        CULong key;
        fixed (CK_MECHANISM* pointer = &mechanism)
        fixed (byte* first = wrapped)
        {
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, byte*, CULong, CK_ATTRIBUTE*, CULong, CULong*, CULong>)Of(Function.UnwrapKey))(
                    session,
                    pointer,
                    unwrappingKey,
                    first,
                    new CULong((uint)wrapped.Length),
                    template.Pointer,
                    new CULong((uint)template.Count),
                    &key),
                nameof(C_UnwrapKey));
        }

        return key;
    }

    internal CULong C_DecapsulateKey(CULong session, in CK_MECHANISM mechanism, CULong privateKey, AttributeTemplate template, ReadOnlySpan<byte> ciphertext)
    {
        if (!HasDecapsulation)
        {
            throw new CryptokiException(CKR.CKR_FUNCTION_NOT_SUPPORTED, nameof(C_DecapsulateKey));
        }

        CULong key;
        fixed (CK_MECHANISM* pointer = &mechanism)
        fixed (byte* first = ciphertext)
        {
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CK_ATTRIBUTE*, CULong, byte*, CULong, CULong*, CULong>)Of(Function.DecapsulateKey))(
                    session,
                    pointer,
                    privateKey,
                    template.Pointer,
                    new CULong((uint)template.Count),
                    first,
                    new CULong((uint)ciphertext.Length),
                    &key),
                nameof(C_DecapsulateKey));
        }

        return key;
    }

    private static CKR CodeOf(CULong result) => (CKR)(ulong)result.Value;

    private static void Check(CULong result, string function)
    {
        if (CodeOf(result) != CKR.CKR_OK)
        {
            throw new CryptokiException(CodeOf(result), function);
        }
    }

    // A module that writes more than it was given room for has overwritten memory by then; one that only says so is refused.
    private static int Fits(CULong length, int room, string function) =>
        length.Value <= (nuint)room ? (int)length.Value : throw new CryptokiException(CKR.CKR_GENERAL_ERROR, function);

    private void Begin(Function function, CULong session, in CK_MECHANISM mechanism, CULong key, string name)
    {
        fixed (CK_MECHANISM* pointer = &mechanism)
        {
            Check(((delegate* unmanaged[Cdecl]<CULong, CK_MECHANISM*, CULong, CULong>)Of(function))(session, pointer, key), name);
        }
    }

    private int Transform(Function function, CULong session, ReadOnlySpan<byte> input, Span<byte> output, string name)
    {
        CULong length = new((uint)output.Length);

        // Some modules refuse a null pointer even where there is nothing to read.
        byte nothing = 0;
        fixed (byte* from = input.IsEmpty ? new ReadOnlySpan<byte>(in nothing) : input)
        fixed (byte* to = output)
        {
            Check(
                ((delegate* unmanaged[Cdecl]<CULong, byte*, CULong, byte*, CULong*, CULong>)Of(function))(
                    session, from, new CULong((uint)input.Length), to, &length),
                name);
        }

        return Fits(length, output.Length, name);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint Of(Function function)
    {
        nint pointer = _functions[(int)function];
        return pointer != 0 ? pointer : throw new CryptokiException(CKR.CKR_FUNCTION_NOT_SUPPORTED, "C_" + function);
    }
}
