using System;
using System.IO;
using System.Linq;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class UnixAddressTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("localservice-test-");
    private readonly int socket = libc.socket(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0);

    public void Dispose()
    {
        _ = libc.close(socket);
        directory.Delete(recursive: true);
    }

    [Fact]
    public void Every_length_up_to_107_is_a_path()
    {
        for (int length = 1; length <= 107; length++)
        {
            Result<UnixAddress> address = UnixAddress.Of(new string('p', length).ToBytes());
            Assert.False(address.Failed);
            Assert.Equal((uint)(2 + length + 1), address.Value.Length);
            Assert.Equal(new string('p', length), PathOf(address.Value));
        }
    }

    [Theory]
    [InlineData("p", 108)]
    [InlineData("p", 109)]
    [InlineData("p", 100_000)]
    [InlineData("@", 108)]
    public void Longer_ones_are_refused(string character, int length) =>
        Assert.Equal(libc.ENAMETOOLONG, UnixAddress.Of(string.Concat(Enumerable.Repeat(character, length)).ToBytes()).Error.Number);

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    public void Empty_names_are_refused(string name) => Assert.Equal(libc.EINVAL, UnixAddress.Of(name.ToBytes()).Error.Number);

    [Theory]
    [InlineData("@name")]
    [InlineData("@@")]
    public void Abstract_names_have_no_path(string name)
    {
        UnixAddress address = UnixAddress.Of(name.ToBytes()).Value;
        Assert.True(address.IsAbstract);
        Assert.Equal((uint)(2 + name.Length), address.Length);
        Assert.Equal("", PathOf(address));
    }

    [Fact]
    public void The_kernel_gives_back_a_path_of_107_bytes()
    {
        string path = (directory.FullName + "/").PadRight(107, 'p');
        Assert.False(UnixAddress.Of(path.ToBytes()).Value.Bind(socket).Failed);
        Assert.True(File.Exists(path));
        Assert.Equal(path, PathOf(UnixAddress.LocalOf(socket).Value));
    }

    [Fact]
    public void A_socket_without_a_name_has_no_path()
    {
        UnixAddress address = UnixAddress.LocalOf(socket).Value;
        Assert.False(address.IsAbstract);
        Assert.Equal("", PathOf(address));
    }

    [Fact]
    public void A_path_of_108_bytes_is_cut_to_107()
    {
        // Linux accepts a path that fills the structure without a NUL.
        libc.sockaddr_un name = new() { sun_family = libc.AF_UNIX };
        byte[] path = (directory.FullName + "/").PadRight(108, 'p').ToBytes();
        path.CopyTo(new Span<byte>(name.sun_path, 108));
        Assert.Equal(0, libc.bind(socket, &name, (uint)sizeof(libc.sockaddr_un)));
        Assert.Equal(((ReadOnlySpan<byte>)path[..107]).ToText(), PathOf(UnixAddress.LocalOf(socket).Value));
    }

    [Fact]
    public void Errors_are_those_of_the_kernel()
    {
        _ = libc.errno; // The first call binds it.
        UnixAddress address = UnixAddress.Of((directory.FullName + "/none/sock").ToBytes()).Value;
        _ = address.Connect(socket);
        Assert.Equal(libc.ENOENT, address.Connect(socket).Number);
        Assert.Equal(libc.ENOENT, address.Bind(socket).Number);
    }

    private static string PathOf(UnixAddress address)
    {
        Span<byte> buffer = stackalloc byte[UnixAddress.LongestPath];
        return ((ReadOnlySpan<byte>)buffer[..address.CopyPath(buffer)]).ToText();
    }
}
