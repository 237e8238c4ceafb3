using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RonKms.Pkcs11.Interop;

/// <summary>A list of attributes on its way into a module. Its values lie in guarded memory, as some of them are secrets.</summary>
internal sealed unsafe class AttributeTemplate : IDisposable
{
    private const int MaxAttributes = 24;

    private readonly CK_ATTRIBUTE[] _attributes = GC.AllocateArray<CK_ATTRIBUTE>(MaxAttributes, pinned: true);
    private readonly SecretBytes _values;
    private int _filled;

    /// <summary>Creates an empty template.</summary>
    /// <param name="size">The most bytes that its values take.</param>
    internal AttributeTemplate(int size = 512)
    {
        _values = SecretBytes.Allocate(size);
    }

    /// <summary>How many attributes it has.</summary>
    internal int Count { get; private set; }

    /// <summary>The first attribute; pinned as long as this object is not disposed.</summary>
    internal CK_ATTRIBUTE* Pointer => (CK_ATTRIBUTE*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_attributes));

    internal AttributeTemplate Add(uint type, ReadOnlySpan<byte> value)
    {
        Span<byte> room = _values.Reveal().Slice(_filled, value.Length);
        value.CopyTo(room);
        _attributes[Count] = new CK_ATTRIBUTE
        {
            type = new CULong(type),

            // Guarded memory does not move.
            pValue = Unsafe.AsPointer(ref MemoryMarshal.GetReference(room)),
            ulValueLen = new CULong((uint)value.Length),
        };
        Count++;
        _filled += value.Length;
        return this;
    }

    internal AttributeTemplate Add(uint type, bool value) => Add(type, [(byte)(value ? 1 : 0)]);

    internal AttributeTemplate AddNumber(uint type, uint value)
    {
        CULong number = new(value);
        return Add(type, MemoryMarshal.AsBytes(new ReadOnlySpan<CULong>(in number)));
    }

    /// <summary>Wipes the values.</summary>
    public void Dispose() => _values.Dispose();
}
