using System.Text;
using RonKms.Algorithms;
using RonKms.Custody;
using RonKms.Sealing;

namespace RonKms;

/// <content>The first links of capabilities.</content>
public sealed partial class Keystore
{
    /// <inheritdoc/>
    public KeyId CreateCapabilityKey() => CreateOwnKey(CapabilityId.Purpose, KeyAlgorithm.HmacSha256);

    /// <inheritdoc/>
    public SecretBytes BeginCapability(out CapabilityId id)
    {
        KeyId key = FindCurrent(KeyId.OwnTenant, CapabilityId.Purpose) ?? throw new KmsException(
            KmsError.NoSuchKey, "There is no capability key that could be used. Make one with CreateCapabilityKey.");
        OperationScope scope = Begin(KmsOperationKind.Mac, key);
        SecretBytes? root = null;
        try
        {
            KeyVersion version = EnterCurrent(key.Latest, ref scope, CapabilityId.Purpose);
            id = new CapabilityId(version.Id, RandomUuid.Next());
            root = Authenticate(version, id);
            scope.Leave();
        }
        catch (Exception e)
        {
            root?.Dispose();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return root;
    }

    /// <inheritdoc/>
    public SecretBytes ComputeCapabilityRoot(CapabilityId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        OperationScope scope = Begin(KmsOperationKind.Mac, id.Key);
        SecretBytes? root = null;
        try
        {
            root = Authenticate(EnterReadable(id.Key, ref scope, CapabilityId.Purpose), id);
            scope.Leave();
        }
        catch (Exception e)
        {
            root?.Dispose();
            scope.Failed(e);
            throw;
        }

        scope.Succeeded();
        return root;
    }

    private SecretBytes Authenticate(KeyVersion version, CapabilityId id)
    {
        using EnteredKey<MacKey> opened = _core.Opened.Enter<MacKey>(version);
        SecretBytes root = SecretBytes.Allocate(opened.Key.Algorithm.MacSize);
        try
        {
            opened.Key.ComputeEntered(Encoding.ASCII.GetBytes(id.ToString()), root.Reveal());
            return root;
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }
}
