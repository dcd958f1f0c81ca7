using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Client;

/// <summary>Specification "client", section 2, with decisions 14 and 16.</summary>
internal readonly struct IpcClient : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcclient"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "connect to a Unix domain socket, then execute a program with it as descriptors 6 and 7"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -q --quiet  lower the verbosity by one level; may be repeated
        | -Q --default-verbosity  report errors and warnings; the default
        | -v --verbose  raise the verbosity by one level; may be repeated
        -t --timeout=timeout  time limit in milliseconds for connecting; 0, the default: no limit
        -w --wait=wait  wait up to this many milliseconds for a server that isn't there yet; 0, the default: don't
        -p --bind-path=bindpath  bind the client's end to this path first
        -l --local-name=localname  tell the program this local path instead of the real one
        path  the socket to connect to; @NAME is an abstract address
        prog...  the program to execute, and its arguments
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var reader = new OptionReader(invocation.Words, Declaration);
        IpcClientOptions options = IpcClientOptions.Read(ref reader);
        if (reader.IsWrong)
            return diagnostics.Usage(reader);
        if (options.Path.IsEmpty || (options.Binds && options.BindPath.IsEmpty))
            return diagnostics.Fatal(ExitCode.Usage, "empty socket path"u8);

        Result<UnixAddress> server = UnixAddress.Of(options.Path);
        Result<UnixAddress> client = options.Binds ? UnixAddress.Of(options.BindPath) : default(UnixAddress);
        // An invalid path fails here, before anything is created.
        if (client.Failed)
            return diagnostics.Fatal(client.Error, "unable to bind socket to "u8, options.BindPath);
        if (server.Failed)
            return diagnostics.Fatal(server.Error, "unable to connect to "u8, options.Path);

        using var socket = new Descriptor(libc.socket(libc.AF_UNIX, libc.SOCK_STREAM | libc.SOCK_CLOEXEC, 0));
        if (socket.Number < 0)
            return diagnostics.Fatal(Errno.Last, "unable to create socket"u8);
        Errno error = options.Binds ? client.Value.Bind(socket.Number) : default;
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to bind socket to "u8, options.BindPath);
        error = Connect(socket.Number, server.Value, options);
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to connect to "u8, options.Path);
        if (options.Verbosity >= 2)
            diagnostics.Info("connected to "u8, options.Path);

        EnvironmentBlock environment = invocation.Environment;
        environment.Set("PROTO"u8, "IPC"u8);
        SetLocalPath(ref environment, options, socket.Number);
        int unable = UcspiClientDescriptors.Place(socket.Number, out error);
        if (unable >= 0)
            return diagnostics.Fatal(error, "unable to set up fd "u8, Numbers.Decimal((ulong)unable, stackalloc byte[Numbers.LongestText]));
        _ = socket.Release();
        return Exec.Into(options.Command, environment);
    }

    private static Errno Connect(int socket, UnixAddress server, IpcClientOptions options)
    {
        if (options.Wait == 0)
            return UnixConnect.Within(socket, server, options.Milliseconds);
        var limit = new TimeLimit(options.Wait);
        var wait = new ServerWait(options.Path, limit);
        Errno error;
        do
        {
            uint left = limit.LeftOrNone;
            error = UnixConnect.Within(socket, server, options.Milliseconds != 0 && options.Milliseconds < left ? options.Milliseconds : left);
        }
        while (error.Failed && wait.MayTryAgain(error));
        wait.Dispose();
        return error;
    }

    /// <summary>Sets the name that the user gave, else the path that the socket is bound to; empty for an abstract name.</summary>
    private static void SetLocalPath(ref EnvironmentBlock environment, IpcClientOptions options, int socket)
    {
        scoped ReadOnlySpan<byte> name = options.LocalName;
        Span<byte> path = stackalloc byte[UnixAddress.LongestPath];
        if (!options.NamesLocal)
        {
            Result<UnixAddress> local = UnixAddress.LocalOf(socket);
            name = local.Failed ? default : path[..local.Value.CopyPath(path)];
        }
        environment.Set("IPCLOCALPATH"u8, name.Length > UnixAddress.LongestPath ? name[..UnixAddress.LongestPath] : name);
    }
}
