using System;
using System.Runtime.InteropServices;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// Accepts connections and sees to it that each is served, for the only thread of a server or in a thread of its own. While one waits for its
/// child to execute the program, others accept. Specification "server", sections 4.2 to 4.4.
/// </summary>
internal unsafe struct Acceptor
{
    internal const int Listener = libc.STDIN_FILENO;

    private ServerState* server;
    private ConnectionEnvironment environment;
    private ChildProcess child;
    private ClientWait clients;
    private Region region;
    private MessageBuffer* messages; // null without gates

    /// <summary>Makes one, without a thread of its own. Needs the lock of the server, or that there is no other thread. ENOMEM.</summary>
    internal static Errno Create(ServerState* server, out Acceptor* acceptor)
    {
        acceptor = null;
        MessageBuffer* messages = null;
        if (server->Program.HasGates && (messages = (MessageBuffer*)MappedMemory.Map((nuint)sizeof(MessageBuffer))) == null)
            return new Errno(libc.ENOMEM);
        nuint size = (nuint)sizeof(Acceptor);
        Errno error = Arena.Ensure(size + EnvironmentBlock.LargestEditCost(server->Environment.Count, default));
        if (error.Failed)
            return error;
        var environment = new ConnectionEnvironment(server->Environment, server->Options.Lookups);
        acceptor = (Acceptor*)Arena.Allocate(size);
        acceptor->server = server;
        acceptor->environment = environment;
        acceptor->messages = messages;
        if (messages != null)
            acceptor->child.Beforehand(&WriteMessages, messages);
        return default;
    }

    /// <summary>Makes one with a thread of its own. Needs the lock of the server.</summary>
    internal static Errno Start(ServerState* server)
    {
        Errno error = Create(server, out Acceptor* acceptor);
        error = error.Failed ? error : acceptor->clients.Prepare(Listener);
        return error.Failed ? error : Thread.Start(&Run, acceptor);
    }

    [UnmanagedCallersOnly]
    private static void* Run(void* argument)
    {
        var self = (Acceptor*)argument;
        while (true)
        {
            if (!self->TryReserveSlot())
                continue;
            // Where it can be asked without waiting, a client that is there already costs no wait.
            if (self->server->ListenerBlocks)
                self->clients.Wait();
            if (!self->TryAcceptOne())
                self->clients.Wait();
        }
    }

    /// <summary>Waits until there may be one connection more, and keeps its place. False when memory is short, after a rest.</summary>
    internal bool TryReserveSlot()
    {
        server->Lock();
        server->AwaitSlot();
        Errno error = server->ReserveSlot();
        if (error.Failed)
            server->WarnOfExhaustion("keep track of another connection"u8, default, error);
        server->Unlock();
        if (error.Failed)
            BackOff.Rest();
        return !error.Failed;
    }

    /// <summary>Accepts and serves a client; the place of the connection must be reserved. False when there was no client.</summary>
    internal bool TryAcceptOne()
    {
        Result<int> accepted = UnixAddress.Accept(Listener, out UnixAddress address);
        if (accepted.Failed)
        {
            server->Lock();
            server->ReturnSlot();
            server->Unlock();
            OvercomeAccept(accepted.Error);
            return !accepted.Error.Is(libc.EAGAIN);
        }
        using var connection = new Descriptor(accepted.Value);
        Serve(connection.Number, address);
        return true;
    }

    private void OvercomeAccept(Errno error)
    {
        switch (error.Number)
        {
            // There is no client, or it has gone again.
            case libc.EAGAIN or libc.EINTR or libc.ECONNABORTED:
                break;
            case libc.EBADF or libc.ENOTSOCK or libc.EINVAL or libc.EOPNOTSUPP:
                server->Lock();
                _ = new Diagnostics(IpcServerDaemon.Program).Fatal(error, "unable to accept"u8);
                libc._exit(ExitCode.System);
                break;
            default:
                server->Lock();
                server->WarnOfExhaustion("accept"u8, default, error);
                server->Unlock();
                BackOff.Rest();
                break;
        }
    }

    private void Serve(int connection, in UnixAddress address)
    {
        PeerCredentials client = default;
        Errno unknown = default;
        if (server->Options.Lookups)
        {
            Result<PeerCredentials> credentials = PeerCredentials.Of(connection);
            unknown = credentials.Error;
            client = unknown.Failed ? default : credentials.Value;
        }
        server->Lock();
        bool begun = false;
        uint others = 0;
        if (unknown.Failed)
        {
            server->ReturnSlot();
            server->Log.Unable("getpeereid"u8, default, unknown);
        }
        else
        {
            begun = server->TryBegin(client, out others);
            if (!begun)
                server->Log.Deny(client, others);
        }
        server->Unlock();
        if (begun)
            Run(connection, address, client, others + 1);
    }

    /// <summary>Asks the gates and starts the program of a connection that was begun.</summary>
    private void Run(int connection, in UnixAddress address, PeerCredentials client, uint number)
    {
        fixed (Region* shared = &region)
        {
            region.Reset();
            var memory = new Memory(shared);
            EnvironmentBlock variables = environment.For(client, number, address, memory);
            EnvironmentBlock searched = server->Environment;
            ReadOnlySpan<byte> lastGate = default;
            Words command = server->Program.Words;
            Errno error = messages == null ? default : memory.Ensure(EnvironmentBlock.LargestEditCost(variables.Count, default));
            while (!error.Failed && server->Program.TryFindGate(command, searched, memory, out Role gate))
            {
                Outcome outcome = gate.Run(new Invocation(command, variables) { Chained = true, Memory = memory, Messages = messages });
                if (!outcome.BecomesProgram)
                {
                    Refuse(client, number, outcome.Code, failedPid: -1);
                    return;
                }
                lastGate = gate.Program;
                searched = variables;
                command = outcome.Command;
                variables = outcome.Environment;
            }
            int pid = -1;
            if (!error.Failed)
                error = child.Start(server->Program.FindProgram(command, searched, memory), command.List, variables.List, connection, out pid);
            if (!error.Failed)
                Register(client, number, pid);
            else if (pid >= 0 && !lastGate.IsEmpty && !BackOff.IsExhaustion(error))
                Refuse(client, number, Exec.Fail(new Diagnostics(lastGate, messages), command[0], error).Code, pid);
            else
                Fail(client, command[0], error, pid);
        }
    }

    private void Register(PeerCredentials client, uint number, int pid)
    {
        server->Lock();
        bool ended = server->Connections.Register(pid, client.UserId, out int status);
        server->Log.Allow(client, pid, number);
        server->Log.Status(server->Connections.Registered + (ended ? 1u : 0));
        if (ended)
        {
            server->Log.End(pid, client.UserId, status);
            server->Log.Status(server->Connections.Registered);
            server->SlotFreed();
        }
        server->Settled();
        server->Unlock();
    }

    /// <summary>
    /// A gate has refused, or could not execute what follows it. The same is told of it as of a program with that exit code, with the
    /// process id of the server when there was no child.
    /// </summary>
    private void Refuse(PeerCredentials client, uint number, int exitCode, int failedPid)
    {
        int pid = failedPid >= 0 ? failedPid : libc.getpid();
        server->Lock();
        WriteMessages(pid);
        server->Log.Allow(client, pid, number);
        server->Log.Status(server->Connections.Registered + 1);
        server->Connections.Abort(client.UserId, failedPid);
        server->Log.End(pid, client.UserId, exitCode << 8);
        server->Log.Status(server->Connections.Registered);
        server->SlotFreed();
        server->Settled();
        server->Unlock();
    }

    /// <summary>
    /// What the gates said comes before anything that the program says, and with its process id: so the child writes it. It doesn't have the
    /// lock of the server, nor does it wait for it; each message is one write(2) all the same.
    /// </summary>
    private static void WriteMessages(void* messages)
    {
        if (!((MessageBuffer*)messages)->IsEmpty)
            ((MessageBuffer*)messages)->Write(libc.getpid());
    }

    private readonly void WriteMessages(int pid)
    {
        if (messages != null)
            messages->Write(pid);
    }

    private void Fail(PeerCredentials client, ReadOnlySpan<byte> program, Errno error, int pid)
    {
        bool exhausted = BackOff.IsExhaustion(error);
        server->Lock();
        WriteMessages(libc.getpid());
        server->Connections.Abort(client.UserId, pid);
        if (exhausted)
            server->WarnOfExhaustion("spawn "u8, program, error);
        else
            server->Log.Unable("spawn "u8, program, error);
        server->SlotFreed();
        server->Settled();
        server->Unlock();
        if (exhausted)
            BackOff.Rest();
    }
}
