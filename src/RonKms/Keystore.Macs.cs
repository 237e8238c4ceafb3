using RonKms.Algorithms;
using RonKms.Custody;

namespace RonKms;

/// <content>Message authentication codes.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public byte[] ComputeMac(KeyId key, ReadOnlySpan<byte> data, out KeyId computedBy)
    {
        byte[] mac = new byte[Implementation<MacAlgorithm>(key, "compute codes").MacSize];
        ComputeMac(key, data, mac, out computedBy);
        return mac;
    }

    /// <inheritdoc/>
    public int ComputeMac(KeyId key, ReadOnlySpan<byte> data, Span<byte> destination, out KeyId computedBy)
    {
        RequireRoom(destination.Length, Implementation<MacAlgorithm>(key, "compute codes").MacSize, nameof(destination));
        OperationScope scope = Begin(KmsOperationKind.Mac, key);
        int size;
        try
        {
            KeyVersion version = EnterCurrent(key, ref scope);
            using (EnteredKey<MacKey> opened = _core.Opened.Enter<MacKey>(version))
            {
                size = opened.Key.ComputeEntered(data, destination);
            }

            computedBy = version.Id;
            scope.Leave();
        }
        catch (Exception e)
        {
            destination.Clear();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return size;
    }

    /// <inheritdoc/>
    public bool VerifyMac(KeyId key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        _ = Implementation<MacAlgorithm>(key, "verify codes");
        RequireConcrete(key, "name the version that computed the code");
        OperationScope scope = Begin(KmsOperationKind.Mac, key);
        bool right;
        try
        {
            KeyVersion version = EnterReadable(key, ref scope);
            using (EnteredKey<MacKey> opened = _core.Opened.Enter<MacKey>(version))
            {
                right = opened.Key.VerifyEntered(data, mac);
            }

            scope.Leave();
        }
        catch (Exception e)
        {
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return right;
    }
}
