using System.Runtime.Versioning;
using RonKms.Interop;
using RonKms.Storage;

namespace RonKms.Tests.Storage;

public sealed class StoreFailureTests
{
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_path_is_named_once()
    {
        KmsException full = StoreFailure.Of("write", "/keys/a", new IOException("No space left on device : '/keys/a'", Libc.ENOSPC));
        KmsException denied = StoreFailure.Of("open", "/keys/a", new UnauthorizedAccessException("Access to the path '/keys/a' is denied."));

        Assert.Equal(
            "Could not write /keys/a: No space left on device. The disk is full. Free space on that file system or raise the quota.", full.Message);
        Assert.Equal(2, denied.Message.Split("/keys/a").Length);
    }

    [Fact]
    public void A_reason_without_a_number_is_told_as_it_was()
    {
        KmsException failure = StoreFailure.Of("write", "/keys/a", new IOException("The stream is broken."));

        Assert.Contains("/keys/a: The stream is broken. ", failure.Message, StringComparison.Ordinal);
    }
}
