using RonKms.Custody;
using RonKms.Diagnostics;

namespace RonKms;

/// <content>The store's rollback anchor.</content>
public sealed partial class Keystore
{
    /// <summary>Gives a store that has no rollback anchor one, from now on. Journalled; once this returns, the store opens only with that anchor.</summary>
    /// <remarks>An open with <see cref="KeystoreOptions.Anchor"/> never does this by itself: a copy of the store from before the anchor would get it
    /// that way. Cut short by a crash, it is done again by the same call.</remarks>
    /// <param name="anchor">The anchor. It stays the caller's.</param>
    /// <exception cref="InvalidOperationException">The store has one already, or this is a caller's view.</exception>
    /// <exception cref="ArgumentException">The anchor lies inside the store, or the store ends with the process.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.Rollback"/>: the anchor knows this store by a line that its journal does not hold; nothing
    /// was changed. <see cref="KmsError.StoreFailed"/>.</exception>
    public void AttachAnchor(IRollbackAnchor anchor)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        RequireOwner();
        RequireAnchorFits(anchor, _core.Store.IsVolatile, _core.Store.Location);
        _core.Journal.Attach(anchor);
        KmsLog.AnchorChanged(_core.Watch.Logger, _core.Store.Location, Assurance);
    }

    /// <summary>Leaves the store without a rollback anchor from now on. Journalled; once this returns, the store opens only without one.</summary>
    /// <remarks>The anchor keeps the line that says so, and never learns of later ones. Attaching it again is possible.</remarks>
    /// <exception cref="InvalidOperationException">The store has none, or this is a caller's view.</exception>
    /// <exception cref="KmsException"><see cref="KmsError.StoreFailed"/>, <see cref="KmsError.Rollback"/>.</exception>
    public void DetachAnchor()
    {
        RequireOwner();
        _core.Journal.Detach();
        KmsLog.AnchorChanged(_core.Watch.Logger, _core.Store.Location, Assurance);
    }

    /// <summary>Refuses an anchor that would go back together with the store, or that would outlive it.</summary>
    private static void RequireAnchorFits(IRollbackAnchor? anchor, bool isVolatile, string location)
    {
        if (anchor is null)
        {
            return;
        }

        if (isVolatile)
        {
            throw new ArgumentException($"An anchor is for a store that outlives the process; {location} does not.");
        }

        if (anchor is FileAnchor file
            && location.StartsWith("file:", StringComparison.Ordinal)
            && (file.Directory + Path.DirectorySeparatorChar).StartsWith(
                Path.TrimEndingDirectorySeparator(Path.GetFullPath(location["file:".Length..])) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The anchor's directory {file.Directory} lies inside the store {location}, and would go back with it. Name one on another volume.");
        }
    }

    private void RequireOwner()
    {
        _core.RequireWriter();
        if (!_ownsCore)
        {
            throw new InvalidOperationException("This is a caller's view. Ask the keystore itself.");
        }
    }
}
