using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Access;

/// <summary>
/// A connection that no server has described: asks the kernel about standard input and sets the variables that s6-ipcserverd would have set.
/// Earlier values in the environment don't count. Specification "server", section 4.4.
/// </summary>
internal static class ConnectionOnInput
{
    /// <summary>The value of PROTO.</summary>
    internal static ReadOnlySpan<byte> Protocol => "IPC"u8;

    /// <summary>Asks for the client. Anything but a connection of a Unix stream socket is an error: exit code 100, or 111.</summary>
    /// <param name="environment">Gets the variables.</param>
    /// <param name="client">Gets the ids of the client.</param>
    /// <param name="diagnostics">The messages of the gate.</param>
    internal static Outcome Describe(ref EnvironmentBlock environment, out PeerCredentials client, Diagnostics diagnostics)
    {
        client = default;
        if (StandardDescriptors.InputMissing)
            return diagnostics.Fatal(new Errno(libc.EBADF), "unable to fstat stdin"u8);
        // A listener has ids as well: its own. But it has no peer.
        Result<UnixAddress> remote = UnixAddress.PeerOf(libc.STDIN_FILENO);
        if (remote.Error.Number is libc.ENOTSOCK or libc.EAFNOSUPPORT or libc.ENOTCONN || SocketOption.Of(libc.STDIN_FILENO, libc.SO_TYPE) != libc.SOCK_STREAM)
            return diagnostics.Fatal(ExitCode.Usage, "stdin is not a connection of a Unix stream socket"u8);
        Result<PeerCredentials> known = PeerCredentials.Of(libc.STDIN_FILENO);
        if (remote.Failed || known.Failed)
            return diagnostics.Fatal(remote.Failed ? remote.Error : known.Error, "unable to getpeereid"u8);
        client = known.Value;
        Span<byte> text = stackalloc byte[UnixAddress.LongestPath];
        environment.Set("PROTO"u8, Protocol);
        environment.Set("IPCREMOTEEUID"u8, Numbers.Decimal(client.UserId, text));
        environment.Set("IPCREMOTEEGID"u8, Numbers.Decimal(client.GroupId, text));
        environment.Set("IPCREMOTEPATH"u8, text[..remote.Value.CopyPath(text)]);
        // Only a server knows how many connections there are.
        environment.Unset("IPCCONNNUM"u8);
        Ucspi.Unset(ref environment, default, Protocol, Ucspi.MoreOfClient);
        return Outcome.Exit(ExitCode.Success);
    }
}
