using System;
using System.Runtime.CompilerServices;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Server;

/// <summary>
/// Accepts connections and serves each of them, in the only thread of a server or in a separate thread. While one acceptor waits for its child to
/// execute the program, others accept. Specification "server", sections 4.2 to 4.4.
/// </summary>
/// <typeparam name="TPeer">The clients.</typeparam>
internal unsafe struct Acceptor<TPeer>
    where TPeer : unmanaged, IPeer<TPeer>
{
    // How long, in milliseconds, an accepted client waits for a resource that the system has run out of.
    private const uint LongestWait = 2_000;

    private ServerState<TPeer>* server;
    private ConnectionEnvironment environment;
    private AcceptorChild child;
    private ClientWait clients;
    private Region region;
    private MessageBuffer* messages; // null without gates
    private ConnectionCloser closer;
    private Current current;

    /// <summary>
    /// Creates an acceptor without a separate thread. Needs the lock of the server, unless there is no other thread. Fails with ENOMEM.
    /// </summary>
    internal static Errno Create(ServerState<TPeer>* server, out Acceptor<TPeer>* acceptor)
    {
        acceptor = null;
        MessageBuffer* messages = null;
        if (server->Program.HasGates && (messages = (MessageBuffer*)MappedMemory.Map((nuint)sizeof(MessageBuffer))) == null)
            return new Errno(libc.ENOMEM);
        nuint size = (nuint)sizeof(Acceptor<TPeer>);
        Errno error = Arena.Ensure(size + EnvironmentBlock.LargestEditCost(server->Environment.Count, default));
        if (error.Failed)
            return error;
        var environment = new ConnectionEnvironment(server->Environment, TPeer.Protocol);
        TPeer.AddVariables(ref environment, server->Options);
        acceptor = (Acceptor<TPeer>*)Arena.Allocate(size);
        acceptor->server = server;
        acceptor->environment = environment;
        acceptor->messages = messages;
        server->Connections.Join(&acceptor->child);
        if (messages != null)
            acceptor->child.Process.Beforehand(&WriteMessages, messages);
        return default;
    }

    /// <summary>Creates an acceptor with a separate thread. Needs the lock of the server.</summary>
    internal static Errno Start(ServerState<TPeer>* server)
    {
        return Create(server, out Acceptor<TPeer>* acceptor)
            && acceptor->clients.Prepare(ListeningSocket.Number)
            && Thread.Start(TPeer.ThreadStart, acceptor);
    }

    /// <summary>The endless loop of a separate thread.</summary>
    internal static void* Run(Acceptor<TPeer>* self)
    {
        while (true)
        {
            if (self->IsWaiting)
            {
                BackOff.Rest();
                self->RetryIfWaiting();
            }
            else if (self->TryReserveSlot() && !self->TryAcceptOne())
            {
                while (!self->clients.Wait())
                    self->Rest();
            }
        }
    }

    /// <summary>Waits for a free slot and reserves it. False when memory is short, after a rest.</summary>
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

    /// <summary>Accepts and serves a client; a slot must be reserved for it. False when there was no client.</summary>
    internal bool TryAcceptOne()
    {
        Result<int> accepted = TPeer.Accept(ListeningSocket.Number, out current.Client);
        if (accepted.Failed)
        {
            server->Lock();
            server->ReturnSlot();
            server->Unlock();
            OvercomeAccept(accepted.Error);
            return !accepted.Error.Is(libc.EAGAIN);
        }
        current.Connection = accepted.Value;
        if (TPeer.SendsDescriptors)
            closer.Begin();
        if (TryBegin())
            Serve(mayWait: true);
        else
            Refuse();
        return true;
    }

    /// <summary>Whether a connection that was begun waits for a resource that has run out. No other one may be accepted meanwhile.</summary>
    internal readonly bool IsWaiting => current.IsWaiting;

    /// <summary>Tries again to serve the connection that waits, if there is one. When it has waited for too long, it is refused.</summary>
    internal void RetryIfWaiting()
    {
        if (IsWaiting)
            Serve(mayWait: !current.Limit.IsOver && !server->IsHurried);
    }

    /// <summary>Refuses the connection that waits, if there is one. Needs the lock.</summary>
    internal void GiveUp()
    {
        if (!IsWaiting)
            return;
        current.IsWaiting = false;
        server->Log.Unable("spawn "u8, server->Program.Words[0], current.Error);
        _ = server->Connections.Abort(current.Place);
        CountSpawnError();
        server->SlotFreed();
        Refuse();
    }

    /// <summary>Counts a connection that has ended because its program could not be started. Needs the lock.</summary>
    private readonly void CountSpawnError()
    {
        if (server->Status.Page != null)
            server->Status.Page->SpawnErrors++;
        server->Status.SetLive(server->Connections.Count);
    }

    /// <summary>Notes that a wait of this thread has ended.</summary>
    internal void Rest() => closer.Rest();

    private void OvercomeAccept(Errno error)
    {
        switch (error.Number)
        {
            // There is no client, or it has gone again.
            case libc.EAGAIN or libc.EINTR or libc.ECONNABORTED:
                break;
            case libc.EBADF or libc.ENOTSOCK or libc.EINVAL or libc.EOPNOTSUPP:
                server->Lock();
                _ = new Diagnostics(TPeer.Daemon).Fatal(error, "unable to accept"u8);
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

    /// <summary>Identifies the client, and begins its connection. False when it is refused.</summary>
    private bool TryBegin()
    {
        Errno unknown = current.Client.Identify(current.Connection, server->Options);
        server->Lock();
        bool begun = false;
        if (unknown.Failed)
        {
            server->ReturnSlot();
            if (server->Status.Page != null)
                server->Status.Page->Unidentified++;
            server->Log.Unable(TPeer.IdentifyingCall, default, unknown);
        }
        else
        {
            begun = server->TryBegin(current.Client.Key(server->Options), current.Client.GroupKey, out current.Place, out current.Numbers);
            if (!begun)
                server->Log.Deny(current.Client, current.Numbers.Client - 1);
            if (server->Status.Page != null)
            {
                if (begun)
                    server->Status.Page->Accepted++;
                else
                    server->Status.Page->RefusedByLimit++;
                server->Status.SetLive(server->Connections.Count);
            }
        }
        server->Unlock();
        return begun;
    }

    /// <summary>
    /// Serves or refuses the connection that was begun, unless the system has run out of a resource and the connection may wait for it.
    /// </summary>
    private void Serve(bool mayWait)
    {
        Errno exhaustion = Attempt(mayWait);
        if (!exhaustion.Failed)
            current.IsWaiting = false;
        else if (!current.IsWaiting)
        {
            current.IsWaiting = true;
            current.Limit = new TimeLimit(LongestWait);
        }
        current.Error = exhaustion;
    }

    private readonly void Refuse()
    {
        if (TPeer.SendsDescriptors)
            ConnectionCloser.Refuse(current.Connection);
        else
            ConnectionCloser.Close(current.Connection);
    }

    /// <summary>Asks the gates and starts the program.</summary>
    /// <param name="mayWait">Whether the connection is left as it was when the system has run out of a resource.</param>
    /// <returns>The error for the resource that has run out, if the connection is left as it was.</returns>
    private Errno Attempt(bool mayWait)
    {
        fixed (Region* shared = &region)
        {
            region.Reset();
            var memory = new Allocator(shared);
            current.Client.WriteVariables(environment, current.Numbers, server->Options);
            EnvironmentBlock variables = environment.Current(memory);
            EnvironmentBlock searched = server->Environment;
            ReadOnlySpan<byte> lastGate = default;
            Words command = server->Program.Words;
            Errno error = current.Client.Tell(current.Connection, environment, ref variables, memory, server->Options, out ReadOnlySpan<byte> call);
            if (error.Failed)
            {
                if (mayWait && BackOff.IsExhaustion(error))
                    return Postpone(call, default, error);
                Fail(call, default, error, isUnknown: true);
                return default;
            }
            error = messages == null ? default : memory.Ensure(EnvironmentBlock.LargestEditCost(variables.Count, default));
            while (!error.Failed && server->Program.TryFindGate(command, searched, memory, out Role gate))
            {
                Outcome outcome = gate.Run(new Invocation(command, variables)
                {
                    Chained = true,
                    Memory = memory,
                    Messages = messages,
                    Connection = current.Connection,
                    SaysWhy = server->Options.Verbosity >= 3,
                });
                lastGate = gate.Program;
                if (!outcome.BecomesProgram)
                {
                    if (mayWait && BackOff.IsExhaustion(outcome.Error))
                        return Postpone("run "u8, lastGate, outcome.Error);
                    Refuse(outcome.Code, failedPid: -1);
                    return default;
                }
                searched = variables;
                command = outcome.Command;
                variables = outcome.Environment;
                error = server->Program.Reserve(command, searched, memory);
            }
            int pid = -1;
            error = error && child.Process.Start(server->Program.FindProgram(command, searched, memory), command.List, variables.List, current.Connection, out pid);
            if (!error.Failed)
            {
                // Close it at once: the program then has the last copy.
                ConnectionCloser.Close(current.Connection);
                Register(pid);
            }
            else if (mayWait && BackOff.IsExhaustion(error))
                return Postpone("spawn "u8, command[0], error);
            else if (pid >= 0 && !lastGate.IsEmpty && !BackOff.IsExhaustion(error))
                Refuse(Exec.Fail(new Diagnostics(lastGate, messages), command[0], error).Code, pid);
            else
                Fail("spawn "u8, command[0], error, isUnknown: false);
            return default;
        }
    }

    /// <summary>Leaves the connection as it was, to be served later. Messages of the gates are dropped: the gates will be asked again.</summary>
    private readonly Errno Postpone(ReadOnlySpan<byte> action, ReadOnlySpan<byte> program, Errno error)
    {
        server->Lock();
        server->WarnOfExhaustion(action, program, error);
        server->Unlock();
        if (messages != null)
            messages->Clear();
        return error;
    }

    private void Register(int pid)
    {
        server->Lock();
        bool ended = server->Connections.Register(pid, (AcceptorChild*)Unsafe.AsPointer(ref child), current.Place, out int status, out uint left);
        if (!ended)
            EnterStatus(pid);
        server->Log.Allow(current.Client, pid, current.Numbers.Client);
        server->Log.Status(server->Connections.Registered + (ended ? 1u : 0));
        if (ended)
        {
            server->Status.CountEnd();
            server->Status.SetLive(server->Connections.Count);
            server->Log.End(pid, current.Client.Key(server->Options), status, left);
            server->Log.Status(server->Connections.Registered);
            server->SlotFreed();
        }
        server->Unlock();
    }

    private readonly void EnterStatus(int pid)
    {
        if (server->Status.Page == null)
            return;
        StatusEntry client = default;
        current.Client.Describe(ref client);
        server->Status.Begin((uint)pid, pid, client);
    }

    /// <summary>
    /// Ends a connection whose gate has refused, or could not execute the command behind it. The log treats it like a program with that exit code,
    /// with the process id of the server when there was no child.
    /// </summary>
    private readonly void Refuse(int exitCode, int failedPid)
    {
        int pid = failedPid >= 0 ? failedPid : server->ProcessId;
        if (messages != null && !messages->Farewell.IsNull)
            Farewell.Send(current.Connection, messages->Farewell);
        server->Lock();
        WriteMessages(pid);
        server->Log.Allow(current.Client, pid, current.Numbers.Client);
        server->Log.Status(server->Connections.Registered + 1);
        uint left = server->Connections.Abort(current.Place);
        if (server->Status.Page != null)
            server->Status.Page->RefusedByGate++;
        server->Status.SetLive(server->Connections.Count);
        server->Log.End(pid, current.Client.Key(server->Options), exitCode << 8, left);
        server->Log.Status(server->Connections.Registered);
        server->SlotFreed();
        server->Unlock();
        Refuse();
    }

    /// <summary>
    /// Messages of the gates come before any message of the program, and with its process id: so the child writes them. It neither holds the lock of
    /// the server nor waits for it; each message is one write(2) all the same.
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

    /// <summary>Ends the connection without a program.</summary>
    private readonly void Fail(ReadOnlySpan<byte> action, ReadOnlySpan<byte> name, Errno error, bool isUnknown)
    {
        server->Lock();
        WriteMessages(server->ProcessId);
        _ = server->Connections.Abort(current.Place);
        if (isUnknown && server->Status.Page != null)
        {
            server->Status.Page->Unidentified++;
            server->Status.SetLive(server->Connections.Count);
        }
        else
            CountSpawnError();
        server->Log.Unable(action, name, error);
        server->SlotFreed();
        server->Unlock();
        Refuse();
    }

    /// <summary>The connection that is being served.</summary>
    private struct Current
    {
        internal int Connection;
        internal ConnectionNumbers Numbers;
        internal ConnectionPlace Place;
        internal TPeer Client;
        internal bool IsWaiting;
        internal TimeLimit Limit;
        internal Errno Error;
    }
}
