using System;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Sudo;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The unframed bytes that sudo and sudod exchange.</summary>
public sealed class BareBytesTests : IDisposable
{
    private readonly SocketPair sockets = new();

    [Fact]
    public void Reads_what_comes_in_pieces()
    {
        var writer = new System.Threading.Thread(() =>
        {
            foreach (byte piece in "s6-sudo b v1.0\n"u8)
                _ = BareBytes.Write(sockets.Near, new ReadOnlySpan<byte>(in piece), default);
        });
        writer.Start();
        byte[] target = new byte[15];
        Assert.False(BareBytes.Read(sockets.Far, target, default, out int received).Failed);
        writer.Join();
        Assert.Equal(15, received);
        Assert.Equal("s6-sudo b v1.0\n", ((ReadOnlySpan<byte>)target).ToText());
    }

    [Fact]
    public void At_the_end_there_is_less_and_no_error()
    {
        Assert.False(BareBytes.Write(sockets.Near, "abc"u8, default).Failed);
        sockets.Close(sockets.Near);
        Assert.False(BareBytes.Read(sockets.Far, new byte[4], default, out int received).Failed);
        Assert.Equal(3, received);
    }

    [Fact]
    public void What_is_there_at_the_end_of_the_time_is_counted()
    {
        Assert.False(BareBytes.Write(sockets.Near, "abc"u8, default).Failed);
        Assert.Equal(libc.ETIMEDOUT, BareBytes.Read(sockets.Far, new byte[4], new TimeLimit(20), out int received).Number);
        Assert.Equal(3, received);
    }

    [Fact]
    public void Writing_to_a_peer_that_is_gone_is_an_error()
    {
        sockets.Close(sockets.Far);
        Assert.Equal(libc.EPIPE, BareBytes.Write(sockets.Near, "abc"u8, default).Number);
    }

    [Fact]
    public void Writing_to_a_peer_that_never_reads_ends_with_the_time()
    {
        // Non-blocking, so that a large write returns: the functions themselves never change flags.
        int flags = LibC.fcntl(sockets.Near, LibC.F_GETFL, 0);
        Assert.Equal(0, LibC.fcntl(sockets.Near, 4 /* F_SETFL */, flags | LibC.O_NONBLOCK));
        Assert.Equal(libc.ETIMEDOUT, BareBytes.Write(sockets.Near, new byte[4 << 20], new TimeLimit(50)).Number);
    }

    public void Dispose() => sockets.Dispose();
}
