using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Sudo;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The part of a client's environment that reaches the program that sudod runs. Specification "sudo", section 4.3.</summary>
public sealed unsafe class SudoEnvironmentTests
{
    [Theory]
    [InlineData("KEEP=k,OPEN=", "OPEN=first,OPEN=second,KEEP=x,NEW=y", "KEEP=k,OPEN=first")]
    [InlineData("KEEP=k,OPEN=", "OPEN=,OPEN=second", "KEEP=k,OPEN=second")]
    [InlineData("KEEP=k,OPEN=", "OPE=1,OPENX=2,OPEN=3,=x", "KEEP=k,OPEN=3")]
    [InlineData("OPEN=", "OPEN=a=b", "OPEN=a=b")]
    [InlineData("=,A=1", "=x", "=x,A=1")]
    [InlineData("OPEN=", "OPEN=", "OPEN=")]
    [InlineData("NOEQ,OPEN=", "NOEQ=1,OPEN=2", "NOEQ,OPEN=2")]
    [InlineData("PROTO=IPC,IPC=,IPCX=,IP=,XIPC=", "IPC=1,IPCX=2,IP=3,XIPC=4", "PROTO=IPC,IPC=,IPCX=,IP=3,XIPC=4")]
    [InlineData("IPCX=,PROTO=TCP,TCPX=", "IPCX=1,TCPX=2", "IPCX=1,PROTO=TCP,TCPX=")]
    [InlineData("PROTO=IPC,PROTO=TCP,IPCX=,TCPX=", "IPCX=1,TCPX=2", "PROTO=IPC,PROTO=TCP,IPCX=,TCPX=")]
    [InlineData("PROTO=,A=", "PROTO=TCP,A=1", "PROTO=,A=")] // every name begins with nothing
    [InlineData("PATH=,PATHS=", "PATH=/tmp,PATHS=/tmp", "PATH=,PATHS=/tmp")]
    public void The_client_fills_what_the_server_left_empty(string server, string client, string expected) =>
        Assert.Equal(expected.Split(','), Fill(server.Split(','), client.Split(',')));

    [Theory]
    [InlineData("OPEN=,A=1,OPEN=", "OPEN=x,A=1,OPEN=x")] // fills each copy, so that no empty one is found instead
    [InlineData("OPEN=,OPEN=kept", "OPEN=,OPEN=kept")]
    [InlineData("OPEN=kept,OPEN=", "OPEN=kept,OPEN=")]
    public void A_name_that_the_server_has_twice_is_empty_only_when_both_are(string server, string expected) =>
        Assert.Equal(expected.Split(','), Fill(server.Split(','), ["OPEN=x", "OPEN=y"]));

    [Fact]
    public void Agrees_with_the_rules() => Properties.ForAll(
        Properties.List(Gen.Elements("A=", "A=1", "B=", "B=2", "AB=", "=", "NOEQ", "", "C="), 8),
        Properties.List(Gen.Elements("A=x", "A=", "B=y", "B=z=", "AB=", "AB=w", "=v", "NOEQ=1", "C=c", "D=d"), 8),
        (server, client) =>
        {
            string[] expected = [.. server];
            foreach (string variable in client)
            {
                string assignment = variable[..(variable.IndexOf('=') + 1)];
                string[] same = [.. expected.Where(entry => entry.StartsWith(assignment, StringComparison.Ordinal))];
                if (variable.Length > assignment.Length && same.All(entry => entry == assignment))
                    expected = [.. expected.Select(entry => entry == assignment ? variable : entry)];
            }
            Assert.Equal(expected, Fill(server, client));
        });

    private static string[] Fill(IEnumerable<string> server, string[] client)
    {
        // Copied to permanent memory, as the strings of the result point into it.
        byte[] text = string.Concat(client.Select(variable => variable + "\0")).ToBytes();
        byte* kept = Arena.Allocate((nuint)text.Length + 1);
        text.CopyTo(new Span<byte>(kept, text.Length));
        var strings = new RequestStrings(new ReadOnlySpan<byte>(kept, text.Length), client.Length);
        return Properties.ToTexts(EnvironmentFilter.Fill(new EnvironmentBlock(Properties.ToNativeList(server)), strings));
    }
}
