using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace RonKms.Storage;

/// <summary>Windows: access-control lists that name the current user alone.</summary>
/// <remarks>SYSTEM and the administrators can take any file; an entry for them tells nothing new and is tolerated when found.</remarks>
[SupportedOSPlatform("windows")]
internal static class WindowsAccess
{
    /// <summary>Makes a directory whose entries inherit that only the current user has access.</summary>
    internal static void CreateDirectory(string path)
    {
        // .NET would make the directories above it as well.
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent)) throw new DirectoryNotFoundException($"There is no directory {parent}.");

        var security = new DirectorySecurity();
        Own(security, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit);
        security.CreateDirectory(path);
    }

    /// <summary>Makes a file that only the current user has access to.</summary>
    internal static FileStream CreateNew(string path)
    {
        var security = new FileSecurity();
        Own(security, InheritanceFlags.None);
        return new FileInfo(path).Create(
            FileMode.CreateNew,
            FileSystemRights.Read | FileSystemRights.Write,
            FileShare.ReadWrite | FileShare.Delete,
            bufferSize: 1,
            FileOptions.None,
            security);
    }

    /// <summary>Refuses links, and what somebody else has access to.</summary>
    internal static void Require(string path)
    {
        FileAttributes attributes = File.GetAttributes(path);
        if ((attributes & FileAttributes.ReparsePoint) != 0)
        {
            throw new KmsException(KmsError.StoreFailed, $"{path} is a link. Put the file or directory itself there.");
        }

        const AccessControlSections Sections = AccessControlSections.Owner | AccessControlSections.Access;
        FileSystemSecurity security = (attributes & FileAttributes.Directory) != 0
            ? new DirectorySecurity(path, Sections)
            : new FileSecurity(path, Sections);
        if (!IsTrusted(security.GetOwner(typeof(SecurityIdentifier)))) throw TooWide(path);

        foreach (FileSystemAccessRule rule in security.GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier)))
        {
            if (rule.AccessControlType == AccessControlType.Allow && !IsTrusted(rule.IdentityReference)) throw TooWide(path);
        }
    }

    private static void Own(FileSystemSecurity security, InheritanceFlags inheritance)
    {
        SecurityIdentifier user = CurrentUser();
        security.SetOwner(user);
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        security.AddAccessRule(
            new FileSystemAccessRule(user, FileSystemRights.FullControl, inheritance, PropagationFlags.None, AccessControlType.Allow));
    }

    private static bool IsTrusted(IdentityReference? identity) =>
        identity is SecurityIdentifier sid
        && (sid == CurrentUser()
            || sid.IsWellKnown(WellKnownSidType.LocalSystemSid)
            || sid.IsWellKnown(WellKnownSidType.BuiltinAdministratorsSid));

    private static SecurityIdentifier CurrentUser()
    {
        using WindowsIdentity identity = WindowsIdentity.GetCurrent();
        return identity.User ?? throw new KmsException(KmsError.StoreFailed, "The process's Windows user has no security identifier. Run it as a user that has one.");
    }

    private static KmsException TooWide(string path) =>
        new(KmsError.PermissionsTooWide, $"{path} is open to other users. Find out who could have used it, then run: icacls \"{path}\" /inheritance:r /grant:r \"%USERNAME%\":F");
}
