using System;
using LocalService.Accounts;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Binds a Unix domain socket and becomes a program that has it as standard input. Specification "server", section 2.</summary>
internal readonly struct IpcServerSocketBinder : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver-socketbinder"u8;
    public static int ManualSection => 8;
    public static ReadOnlySpan<byte> Summary => "bind a Unix domain socket to a path, then execute a program with it as standard input"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -d --rebind  replace an existing socket at the path; the default
        | -D --no-rebind  fail if the path exists
        -k --keep-living  fail if a live server is listening on the path
        -b --backlog=backlog  maximum number of clients waiting to be accepted; 0: don't listen; the system's limit by default
        -M --stream  make a stream socket; the default
        | -m --datagram  make a datagram socket
        -a --permissions=perms  the permissions of the socket, octal; 0777 by default
        -o --owner=uid:gid  the owner and the group of the socket, numbers or names; either may be missing
        -B --block  make the socket blocking
        path  the path to bind the socket to; @NAME is an abstract address
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        bool blocking = false;
        var file = new SocketFileOptions
        {
            Replace = true,
            Type = libc.SOCK_STREAM,
            Backlog = libc.SOMAXCONN,
            Permissions = SocketFile.AllPermissions,
        };
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'D': file.Replace = false; break;
                case 'd': file.Replace = true; break;
                case 'k': file.KeepLiving = true; break;
                case 'B': blocking = true; break;
                case 'M': file.Type = libc.SOCK_STREAM; break;
                case 'm': file.Type = libc.SOCK_DGRAM; break;
                case 'b': file.Backlog = options.Number(); break;
                case 'a': file.Permissions = options.OctalNumber(); break;
                case 'o': file.Owner = IdArguments.Owner(ref options); break;
            }
        }
        ReadOnlySpan<byte> path = options.Operand();
        Words program = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);

        Result<UnixAddress> address = UnixAddress.Of(path);
        if (address.Error.Is(libc.EINVAL))
            return diagnostics.Fatal(ExitCode.Usage, "empty socket path"u8);
        if (address.Failed)
            return diagnostics.Fatal(address.Error, "unable to bind to "u8, path);
        bool isRestricted = (file.Permissions & SocketFile.AllPermissions) != SocketFile.AllPermissions || file.Owner.IsGiven;
        if (isRestricted && address.Value.IsAbstract)
            return diagnostics.Fatal(ExitCode.Usage, "an abstract address has no permissions and no owner, anybody can connect: "u8, path);
        using var socket = new Descriptor(libc.socket(libc.AF_UNIX, file.Type | libc.SOCK_CLOEXEC | (blocking ? 0 : libc.SOCK_NONBLOCK), 0));
        if (socket.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to create socket"u8);
        Outcome bound = new SocketFile(diagnostics, path, address.Value, file).Bind(socket.Number);
        if (bound.Code != ExitCode.Success)
            return bound;
        Errno error = Descriptor.Copy(socket.Number, libc.STDIN_FILENO);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to move the socket to standard input"u8);
        StandardDescriptors.InputReplaced();
        return Exec.Into(program, invocation.Environment);
    }
}
