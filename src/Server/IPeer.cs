using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Services;

namespace LocalService.Server;

/// <summary>
/// A client of a server, as its transport knows it: how it is accepted, what its connections are counted under, which variables tell its program
/// about it, and how log lines name it. A type argument: nothing is decided at run time. Specification "server", section 4, and "tcp", section 3.
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

    /// <summary>What the log says of the two signals that all connections get.</summary>
    static abstract ReadOnlySpan<byte> BothSignals { get; }

    /// <summary>The call that <see cref="Identify"/> makes, for a message when it fails.</summary>
    static abstract ReadOnlySpan<byte> IdentifyingCall { get; }

    /// <summary>The variable that tells a program how many connections there are, when somebody asks for it: <see cref="AskedNumbers"/>.</summary>
    static abstract ReadOnlySpan<byte> TotalVariable { get; }

    /// <summary>The one that tells how many the group of the client has; empty where clients have no group.</summary>
    static abstract ReadOnlySpan<byte> GroupVariable { get; }

    /// <summary>Whether its messages may carry descriptors, so that closing a connection closes more: <see cref="ConnectionCloser"/>.</summary>
    static abstract bool SendsDescriptors { get; }

    /// <summary>Where a thread of this transport begins: it calls <see cref="Acceptor{TPeer}.Run"/>.</summary>
    static abstract delegate* unmanaged<void*, void*> ThreadStart { get; }

    /// <summary>Accepts a connection: blocking, close-on-exec.</summary>
    static abstract Result<int> Accept(int listener, out TSelf peer);

    /// <summary>Prepares the variables that each child gets, in the order in which they are set.</summary>
    static abstract void AddVariables(ref ConnectionEnvironment environment, in DaemonOptions options);

    /// <summary>Adds what the line about an ended child tells of its client, after the process id.</summary>
    static abstract void AddToEnd(ref Line line, ClientKey key, in DaemonOptions options);

    /// <summary>Adds what that line tells last.</summary>
    static abstract void AddLeft(ref Line line, uint left, in DaemonOptions options);

    /// <summary>Asks the kernel for what <see cref="Accept"/> hasn't told. An error refuses the client.</summary>
    Errno Identify(int connection, in DaemonOptions options);

    /// <summary>What the connections of this client are counted under.</summary>
    ClientKey Key(in DaemonOptions options);

    /// <summary>What the connections of its group are counted under, where they are: never what those of a client are.</summary>
    ClientKey GroupKey { get; }

    /// <summary>Writes the values of <see cref="AddVariables"/>.</summary>
    /// <param name="environment">Where to.</param>
    /// <param name="numbers">How many connections there are, this one included (decision 9).</param>
    /// <param name="options">What the server was told to do.</param>
    void WriteVariables(in ConnectionEnvironment environment, in ConnectionNumbers numbers, in DaemonOptions options);

    /// <summary>
    /// Asks the kernel for what the program is told besides, when the server was told to, and adds it to the variables. An error refuses the
    /// client, or has it wait: ENOMEM.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="environment">Where the values of <see cref="AddVariables"/> are.</param>
    /// <param name="variables">The environment of the program.</param>
    /// <param name="memory">Where it takes memory from.</param>
    /// <param name="options">What the server was told to do.</param>
    /// <param name="call">Gets the call that has failed.</param>
    Errno Tell(
        int connection, in ConnectionEnvironment environment, ref EnvironmentBlock variables, Allocator memory, in DaemonOptions options, out ReadOnlySpan<byte> call);

    /// <summary>Fills in who the client is.</summary>
    void Describe(ref StatusEntry entry);

    /// <summary>Adds the name of the client to a log line.</summary>
    void AddTo(ref Line line, in DaemonOptions options);
}
