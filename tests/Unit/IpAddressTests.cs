using System;
using System.Linq;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Libc;
using LocalService.Posix;
using Xunit;
using SocketAddress = LocalService.Posix.SocketAddress;

namespace LocalService.Tests.Unit;

public sealed class IpAddressTests
{
    private static readonly Gen<byte[]> v6 = Gen.ArrayOf(Gen.Elements<byte[]>([0, 0], [0, 1], [0xff, 0xff], [0x0a, 0x0b]), 8).Select(groups => groups.SelectMany(group => group).ToArray());
    private static readonly Gen<byte[]> v4 = Gen.ArrayOf(Gen.Choose(0, 255).Select(value => (byte)value), 4);

    [Fact]
    public void Bytes_come_back() => Properties.ForAll(Gen.OneOf(v4, v6), bytes =>
    {
        Assert.True(IpAddress.TryRead(bytes, out IpAddress address));
        byte[] written = new byte[bytes.Length];
        Assert.Equal(bytes.Length, address.Write(written));
        Assert.Equal(bytes, written);
        Assert.Equal(bytes, Enumerable.Range(0, address.Size).Select(address.ByteAt));
    });

    [Fact]
    public void Text_is_that_of_the_system_and_comes_back() => Properties.ForAll(Gen.OneOf(v4, v6), bytes =>
    {
        _ = IpAddress.TryRead(bytes, out IpAddress address);
        string text = TextOf(address);
        // .NET writes some addresses that begin with 64 zero bits with dots: IPv4-compatible and IPv4-translated ones.
        if (bytes.Length == 4 || bytes[..8].Any(value => value != 0))
            Assert.Equal(new IPAddress(bytes).ToString(), text);
        Assert.True(IpAddressText.TryParse(text.ToBytes(), out IpAddress parsed));
        Assert.True(parsed.Equals(address));
    });

    [Theory]
    [InlineData("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8")]
    [InlineData("1::3:4:5:6:7:8", "1:0:3:4:5:6:7:8")] // a single group isn't left out
    [InlineData("::", "::")]
    [InlineData("1::", "1::")]
    [InlineData("::1", "::1")]
    [InlineData("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0")]
    [InlineData("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8")]
    [InlineData("FD00:0:0:1:0:0:0:ABCD", "fd00:0:0:1::abcd")] // the longer run
    [InlineData("1:0:0:2:0:0:3:4", "1::2:0:0:3:4")] // the first of equal runs
    [InlineData("::ffff:10.1.2.3", "::ffff:10.1.2.3")]
    [InlineData("64:ff9b::10.1.2.3", "64:ff9b::a01:203")]
    [InlineData("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304")]
    [InlineData("010.001.002.003", "10.1.2.3")]
    [InlineData("0.0.0.0", "0.0.0.0")]
    public void Every_spelling_is_read(string text, string canonical)
    {
        Assert.True(IpAddressText.TryParse(text.ToBytes(), out IpAddress address));
        Assert.Equal(canonical, TextOf(address));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.4.5")]
    [InlineData("127.0.0.1/8")]
    [InlineData("1.2.3.99999999999999999999")]
    [InlineData(":")]
    [InlineData(":::")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData("1::2::3")]
    [InlineData("1:2:3:4:5:6:7:8:9")]
    [InlineData("1:2:3:4:5:6:7")]
    [InlineData("1:2:3:4:5:6:7:8::")]
    [InlineData("::1:2:3:4:5:6:7:8")]
    [InlineData("1:2:3:4:5:6:7:1.2.3.4")]
    [InlineData("::1.2.3")]
    [InlineData("12345::")]
    [InlineData("::g")]
    [InlineData("::1%lo")]
    [InlineData(" ::1")]
    public void Other_text_is_no_address(string text) => Assert.False(IpAddressText.TryParse(text.ToBytes(), out _));

    [Fact]
    public void Reading_never_looks_beyond_the_text() => Properties.ForAll(Properties.Text("0123456789abcf:.%", 45), text =>
    {
        int length = IpAddressText.ParsePrefix(text.ToBytes(), out _);
        Assert.InRange(length, 0, text.Length);
        Assert.Equal(length > 0, length > 0 && IpAddressText.TryParse(text[..length].ToBytes(), out _));
    }, runs: 20_000);

    [Theory]
    [InlineData("10.1.2.3:80", 8)]
    [InlineData("10.1.2.3junk", 8)]
    [InlineData("fd00::1%lo", 7)]
    [InlineData("fd00::1 x", 7)]
    [InlineData("fd00::1:", 7)]
    [InlineData("10.1.2.3333", 0)]
    [InlineData("name", 0)]
    public void The_beginning_of_a_text_is_read(string text, int length) => Assert.Equal(length, IpAddressText.ParsePrefix(text.ToBytes(), out _));

    [Theory]
    [InlineData("fe80::1%lo", 1u)]
    [InlineData("fe80::1%7", 7u)]
    [InlineData("fe80::1", 0u)]
    public void An_interface_belongs_to_an_address(string text, uint scope)
    {
        Assert.True(IpAddressText.TryParseScoped(text.ToBytes(), out IpAddress address));
        Assert.Equal(scope, address.Scope);
    }

    [Theory]
    [InlineData("fe80::1%")]
    [InlineData("fe80::1%nosuchinterface")]
    [InlineData("fe80::1%aninterfacewithalongname")]
    [InlineData("10.1.2.3%lo")]
    public void A_wrong_interface_makes_it_none(string text) => Assert.False(IpAddressText.TryParseScoped(text.ToBytes(), out _));

    [Theory]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("::10.1.2.3", "::a01:203")]
    [InlineData("10.1.2.3", "10.1.2.3")]
    public void A_mapped_address_is_an_IPv4_one(string text, string unmapped)
    {
        Assert.True(IpAddressText.TryParse(text.ToBytes(), out IpAddress address));
        Assert.Equal(unmapped, TextOf(address.Unmapped));
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3", 53)]
    [InlineData("10.1.2.3:0", "10.1.2.3", 0)]
    [InlineData("10.1.2.3:65535", "10.1.2.3", 65535)]
    [InlineData("fd00::1", "fd00::1", 53)]
    [InlineData("[fd00::1]", "fd00::1", 53)]
    [InlineData("[fd00::1]:5353", "fd00::1", 5353)]
    [InlineData("[fe80::1%lo]:1", "fe80::1%1", 1)]
    public void An_address_may_have_a_port(string text, string host, int port)
    {
        Assert.True(SocketAddress.TryParse(text.ToBytes(), 53, out SocketAddress address));
        Assert.Equal(host, TextOf(address.Address));
        Assert.Equal(port, address.Port);
        Assert.Equal(host.Contains(':') ? libc.AF_INET6 : libc.AF_INET, address.Family);
    }

    [Theory]
    [InlineData("10.1.2.3:")]
    [InlineData("10.1.2.3:65536")]
    [InlineData("10.1.2.3:5x")]
    [InlineData("10.1.2.3:4294967349")]
    [InlineData("[10.1.2.3]:53")]
    [InlineData("[fd00::1")]
    [InlineData("[fd00::1]53")]
    [InlineData("[]")]
    [InlineData(":53")]
    [InlineData("")]
    public void Other_text_is_no_socket_address(string text) => Assert.False(SocketAddress.TryParse(text.ToBytes(), 53, out _));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_socket_tells_its_addresses(string host)
    {
        _ = SocketAddress.TryParse(host.ToBytes(), 0, out SocketAddress any);
        int server = libc.socket(any.Family, libc.SOCK_DGRAM | libc.SOCK_CLOEXEC, 0);
        int client = libc.socket(any.Family, libc.SOCK_DGRAM | libc.SOCK_CLOEXEC, 0);
        Assert.False(any.Bind(server).Failed);
        SocketAddress bound = SocketAddress.LocalOf(server).Value;
        Assert.NotEqual(0, bound.Port);
        Assert.False(bound.Connect(client).Failed);
        Assert.True(SocketAddress.PeerOf(client).Value.Equals(bound));
        Assert.True(SocketAddress.LocalOf(client).Value.Address.Equals(any.Address));
        _ = libc.close(server);
        _ = libc.close(client);
    }

    [Fact]
    public void A_socket_of_another_family_has_no_such_address()
    {
        int socket = libc.socket(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0);
        Assert.Equal(libc.EAFNOSUPPORT, SocketAddress.LocalOf(socket).Error.Number);
        _ = libc.close(socket);
    }

    private static string TextOf(IpAddress address) => IpAddressText.Format(address, new byte[IpAddressText.LongestText]).ToText();
}
