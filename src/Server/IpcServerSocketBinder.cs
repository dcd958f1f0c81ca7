using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>Binds a Unix domain socket and becomes a program that has it as standard input. Specification "server", section 2.</summary>
internal readonly unsafe struct IpcServerSocketBinder : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver-socketbinder"u8;
    public static ReadOnlySpan<byte> Usage => "[ -d | -D ] [ -b backlog ] [ -M | -m ] [ -a perms ] [ -B ] path prog..."u8;
    public static ReadOnlySpan<byte> Summary => "bind a Unix domain socket to a path, then execute a program with it as standard input"u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        bool replace = true;
        bool blocking = false;
        int type = libc.SOCK_STREAM;
        uint backlog = libc.SOMAXCONN;
        uint permissions = SocketFile.AllPermissions;
        var options = new OptionParser(invocation.Words, "DdBMmb:a:"u8);
        for (byte option = options.Next(); option != OptionParser.End; option = options.Next())
        {
            bool valid = true;
            switch (option)
            {
                case (byte)'D': replace = false; break;
                case (byte)'d': replace = true; break;
                case (byte)'B': blocking = true; break;
                case (byte)'M': type = libc.SOCK_STREAM; break;
                case (byte)'m': type = libc.SOCK_DGRAM; break;
                case (byte)'b': valid = Numbers.TryParse(options.Argument, out backlog); break;
                case (byte)'a': valid = Numbers.TryParseOctal(options.Argument, out permissions); break;
                default: valid = false; break;
            }
            if (!valid)
                return diagnostics.Usage(Usage);
        }
        if (options.Rest.Count < 2)
            return diagnostics.Usage(Usage);

        ReadOnlySpan<byte> path = options.Rest[0];
        Result<UnixAddress> address = UnixAddress.Of(path);
        if (address.Error.Is(libc.EINVAL))
            return diagnostics.Fatal(ExitCode.Usage, "empty socket path"u8);
        if (address.Failed)
            return diagnostics.Fatal(address.Error, "unable to bind to "u8, path);
        using var socket = new Descriptor(libc.socket(libc.AF_UNIX, type | libc.SOCK_CLOEXEC | (blocking ? 0 : libc.SOCK_NONBLOCK), 0));
        if (socket.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to create socket"u8);
        Errno error = SocketFile.Bind(socket.Number, address.Value, path, permissions, replace);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to bind to "u8, path);
        error = backlog == 0 ? default : Errno.Of(libc.listen(socket.Number, backlog > int.MaxValue ? int.MaxValue : (int)backlog));
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to listen to "u8, path);
        if (libc.dup2(socket.Number, libc.STDIN_FILENO) < 0)
            return diagnostics.Fatal(Errno.Last, "unable to move the socket to standard input"u8);
        StandardDescriptors.InputReplaced();
        return Exec.Into(options.Rest.From(1), invocation.Environment);
    }
}
