using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Server;

/// <summary>
/// A client of a server, as its transport sees it: how it is accepted, which key its connections are counted under, which variables tell its program
/// about it, and how log lines name it. It is a type argument, so nothing is decided at run time. Specification "server", section 4, and "tcp",
/// section 3.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal unsafe interface IPeer<TSelf>
    where TSelf : unmanaged, IPeer<TSelf>
{
    /// <summary>The daemon's name, in front of its messages.</summary>
    static abstract ReadOnlySpan<byte> Daemon { get; }

    /// <summary>The value of the variable PROTO.</summary>
    static abstract ReadOnlySpan<byte> Protocol { get; }

    /// <summary>The word for a client that is served, in log lines.</summary>
    static abstract ReadOnlySpan<byte> Accepted { get; }

    /// <summary>The word for a client that has too many connections.</summary>
    static abstract ReadOnlySpan<byte> Rejected { get; }

    /// <summary>The log's text for the two signals that all connections get.</summary>
    static abstract ReadOnlySpan<byte> BothSignals { get; }

    /// <summary>The name of the call in <see cref="Identify"/>, for the message when it fails.</summary>
    static abstract ReadOnlySpan<byte> IdentifyingCall { get; }

    /// <summary>The variable that tells a program how many connections there are, if that was asked for: <see cref="AskedNumbers"/>.</summary>
    static abstract ReadOnlySpan<byte> TotalVariable { get; }

    /// <summary>The variable that tells how many connections the group of the client has; empty where clients have no group.</summary>
    static abstract ReadOnlySpan<byte> GroupVariable { get; }

    /// <summary>Whether its messages may carry descriptors, so that closing a connection closes these too: <see cref="ConnectionCloser"/>.</summary>
    static abstract bool SendsDescriptors { get; }

    /// <summary>The start routine of this transport's threads: it calls <see cref="Acceptor{TPeer}.Run"/>.</summary>
    static abstract delegate* unmanaged<void*, void*> ThreadStart { get; }

    /// <summary>Accepts a connection: blocking, close-on-exec.</summary>
    static abstract Result<int> Accept(int listener, out TSelf peer);

    /// <summary>Prepares the variables that each child gets, in the order in which they are set.</summary>
    static abstract void AddVariables(ref ConnectionEnvironment environment, in DaemonOptions options);

    /// <summary>Adds the client to the line about an ended child, after the process id.</summary>
    static abstract void AddToEnd(ref Line line, ClientKey key, in DaemonOptions options);

    /// <summary>Adds the last part of that line.</summary>
    static abstract void AddLeft(ref Line line, uint left, in DaemonOptions options);

    /// <summary>Asks the kernel for the facts that <see cref="Accept"/> hasn't given. An error refuses the client.</summary>
    Errno Identify(int connection, in DaemonOptions options);

    /// <summary>The key that the connections of this client are counted under.</summary>
    ClientKey Key(in DaemonOptions options);

    /// <summary>The key that the connections of its group are counted under, where groups are counted; never the key of a client.</summary>
    ClientKey GroupKey { get; }

    /// <summary>Writes the values of <see cref="AddVariables"/>.</summary>
    /// <param name="environment">The environment to write to.</param>
    /// <param name="numbers">How many connections there are, this one included (decision 9).</param>
    /// <param name="options">The options of the server.</param>
    void WriteVariables(in ConnectionEnvironment environment, in ConnectionNumbers numbers, in DaemonOptions options);

    /// <summary>
    /// Asks the kernel for further facts that the program is told, if the options say so, and adds them to the variables. An error refuses the
    /// client, or makes it wait: ENOMEM.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="environment">Holds the values of <see cref="AddVariables"/>.</param>
    /// <param name="variables">The environment of the program.</param>
    /// <param name="memory">Memory for the variables.</param>
    /// <param name="options">The options of the server.</param>
    /// <param name="call">Receives the name of the call that has failed.</param>
    Errno Tell(
        int connection, in ConnectionEnvironment environment, ref EnvironmentBlock variables, Allocator memory, in DaemonOptions options, out ReadOnlySpan<byte> call);

    /// <summary>Fills in the identity of the client.</summary>
    void Describe(ref StatusEntry entry);

    /// <summary>Adds the name of the client to a log line.</summary>
    void AddTo(ref Line line, in DaemonOptions options);
}
