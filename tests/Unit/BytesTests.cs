using System;
using FsCheck.Fluent;
using LocalService.Memory;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class BytesTests
{
    /// <summary>The base library's search is the reference: bytes before and after the wanted one, at every distance from eight of them.</summary>
    [Fact]
    public void A_byte_is_found_where_it_is_first() => Properties.ForAll(
        Properties.List(Gen.Elements<byte>(0, 1, 2, 0x7F, 0x80, 0x81, 0xFF), 40),
        Gen.Elements<byte>(0, 1, 0x80, 0xFF, 7),
        (text, wanted) => Assert.Equal(MemoryExtensions.IndexOf(text, wanted), Bytes.IndexOf(text, wanted)),
        runs: 20_000);
}
