using System.Diagnostics;
using System.Runtime.Versioning;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFileTests : IDisposable
{
    private static readonly byte[] Content = "thirty-two bytes or so of secret"u8.ToArray();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_made_can_be_read()
    {
        PrivateFile.CreateNew(_directory["kek"], Content);
        byte[] exact = new byte[Content.Length];
        byte[] larger = new byte[Content.Length + 5];

        Assert.Equal(Content.Length, PrivateFile.ReadInto(_directory["kek"], exact, allowMountedSecret: false));
        Assert.Equal(Content.Length, PrivateFile.ReadInto(_directory["kek"], larger, allowMountedSecret: false));

        Assert.Equal(Content, exact);
        Assert.Equal([.. Content, 0, 0, 0, 0, 0], larger);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["kek"]));
    }

    [Fact]
    public void Nothing_is_overwritten()
    {
        File.WriteAllText(_directory["kek"], "older");
        File.CreateSymbolicLink(_directory["link"], _directory["victim"]);

        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => PrivateFile.CreateNew(_directory["kek"], Content)).Error);
        Assert.Equal(KmsError.StoreFailed, Assert.Throws<KmsException>(() => PrivateFile.CreateNew(_directory["link"], Content)).Error);

        Assert.Equal("older", File.ReadAllText(_directory["kek"]));
        Assert.False(File.Exists(_directory["victim"]));
    }

    [Fact]
    public void A_file_that_is_longer_than_the_destination_is_told_by_its_length()
    {
        PrivateFile.CreateNew(_directory["kek"], Content);
        byte[] destination = new byte[Content.Length - 5];

        Assert.Equal(Content.Length, PrivateFile.ReadInto(_directory["kek"], destination, allowMountedSecret: false));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_missing_file_is_named(bool allowMountedSecret)
    {
        KmsException refusal = Refused(_directory["missing"], allowMountedSecret);

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains(_directory["missing"], refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_not_a_file_is_refused(bool allowMountedSecret)
    {
        using (Process process = Process.Start("mkfifo", ["-m", "600", _directory["pipe"]])) process.WaitForExit();

        Assert.Equal(KmsError.StoreFailed, Refused(_directory["pipe"], allowMountedSecret).Error);
        Assert.Equal(KmsError.StoreFailed, Refused(_directory.Path, allowMountedSecret).Error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_not_a_file_is_told_before_whose_it_is(bool allowMountedSecret)
    {
        string path = "/dev/null";
        if (ChildProcess.IsRoot)
        {
            path = _directory["pipe"];
            using (Process process = Process.Start("mkfifo", ["-m", "600", path])) process.WaitForExit();
            using (Process process = Process.Start("chown", ["65533", path])) process.WaitForExit();
        }

        KmsException refusal = Refused(path, allowMountedSecret);

        Assert.Equal(KmsError.StoreFailed, refusal.Error);
        Assert.Contains("is not a regular file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mounted_secret_may_be_a_link_and_readable()
    {
        PrivateFile.CreateNew(_directory["kek"], Content);
        File.SetUnixFileMode(_directory["kek"], UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.CreateSymbolicLink(_directory["link"], _directory["kek"]);
        byte[] destination = new byte[Content.Length];

        Assert.Equal(Content.Length, PrivateFile.ReadInto(_directory["link"], destination, allowMountedSecret: true));

        Assert.Equal(Content, destination);
        Assert.Equal(KmsError.PermissionsTooWide, Refused(_directory["kek"], allowMountedSecret: false).Error);
        Assert.Equal(KmsError.StoreFailed, Refused(_directory["link"], allowMountedSecret: false).Error);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_mounted_secret_is_never_writable_by_others(UnixFileMode opened)
    {
        PrivateFile.CreateNew(_directory["kek"], Content);
        File.SetUnixFileMode(_directory["kek"], UnixFileMode.UserRead | opened);

        KmsException refusal = Refused(_directory["kek"], allowMountedSecret: true);

        Assert.Equal(KmsError.PermissionsTooWide, refusal.Error);
        Assert.Contains("chmod go-w", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mounted_secret_belongs_to_the_user_or_to_root()
    {
        if (ChildProcess.IsRoot)
        {
            PrivateFile.CreateNew(_directory["kek"], Content);
            using (Process process = Process.Start("chown", ["65533", _directory["kek"]])) process.WaitForExit();
            Assert.Equal(KmsError.PermissionsTooWide, Refused(_directory["kek"], allowMountedSecret: true).Error);
            Assert.Equal(KmsError.PermissionsTooWide, Refused(_directory["kek"], allowMountedSecret: false).Error);
            ChildProcess.RunUnprivileged(typeof(PrivateFileTests), nameof(A_mounted_secret_belongs_to_the_user_or_to_root));
            return;
        }

        Assert.True(PrivateFile.ReadInto("/etc/passwd", new byte[1024 * 1024], allowMountedSecret: true) > 0);
        Assert.Equal(KmsError.PermissionsTooWide, Refused("/etc/passwd", allowMountedSecret: false).Error);
    }

    private static KmsException Refused(string path, bool allowMountedSecret) =>
        Assert.Throws<KmsException>(() => PrivateFile.ReadInto(path, new byte[64], allowMountedSecret));
}
