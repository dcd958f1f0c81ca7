using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>A program of the toolkit. Each has its own file, with the text for users at the top, and one line in the role table.</summary>
internal interface IRole
{
    /// <summary>The full name, <c>s6-NAME</c>. It is the prefix of the role's messages.</summary>
    static abstract ReadOnlySpan<byte> Program { get; }

    /// <summary>Its section of the manual: 1 for commands of users, 8 for servers and administration.</summary>
    static abstract int ManualSection { get; }

    /// <summary>What it does, in one line.</summary>
    static abstract ReadOnlySpan<byte> Summary { get; }

    /// <summary>
    /// Its options and operands, a <see cref="DeclarationLine"/> each. The parser, the usage and the help are based on it.
    /// </summary>
    static abstract ReadOnlySpan<byte> Declaration { get; }

    /// <summary>Runs the role.</summary>
    static abstract Outcome Run(Invocation invocation);
}

/// <summary>
/// A role that only decides about a connection, and edits the environment of the program that serves it. When a server runs it, it uses the
/// memory and the messages of its invocation and no other lasting state: a server may run it for each connection, in any thread.
/// </summary>
internal interface IGate : IRole
{
    /// <summary>
    /// Whether a decision may wait for something without a limit, such as a file system on a network: a server then runs the gate in a thread, so
    /// that it can handle signals meanwhile.
    /// </summary>
    static abstract bool MayWait { get; }

    /// <summary>
    /// The command line after the gate's own part; the default, which has no words, if there is none, if it is wrong, or if the gate has to be
    /// a process of its own: because it waits for a peer on the network, or because it needs the descriptors of the connection.
    /// </summary>
    static abstract Words CommandBehind(Words words);
}

/// <summary>A row of the role table.</summary>
internal readonly unsafe ref struct Role
{
    private readonly delegate*<Invocation, Outcome> run;
    private readonly delegate*<Words, Words> commandBehind;

    private Role(
        ReadOnlySpan<byte> program, int manualSection, ReadOnlySpan<byte> summary, ReadOnlySpan<byte> declaration,
        delegate*<Invocation, Outcome> run, delegate*<Words, Words> commandBehind, bool mayWait)
    {
        this.commandBehind = commandBehind;
        MayWait = mayWait;
        Program = program;
        ManualSection = manualSection;
        Summary = summary;
        Declaration = declaration;
        this.run = run;
    }

    /// <summary>A name without the prefix of every role's full name: <c>s6</c>, and usually a hyphen.</summary>
    internal static ReadOnlySpan<byte> WithoutPrefix(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith("s6"u8))
            return name;
        return name.StartsWith("s6-"u8) ? name[3..] : name[2..];
    }

    /// <summary>The full name, <c>s6-NAME</c>.</summary>
    internal ReadOnlySpan<byte> Program { get; }

    /// <summary>The name without the prefix.</summary>
    internal ReadOnlySpan<byte> Name => WithoutPrefix(Program);

    internal int ManualSection { get; }

    internal ReadOnlySpan<byte> Summary { get; }

    internal ReadOnlySpan<byte> Declaration { get; }

    /// <summary>Whether it is an <see cref="IGate"/>.</summary>
    internal bool IsGate => commandBehind != null;

    /// <summary>For a gate: <see cref="IGate.MayWait"/>.</summary>
    internal bool MayWait { get; }

    internal static Role Of<T>() where T : IRole => new(T.Program, T.ManualSection, T.Summary, T.Declaration, &T.Run, null, mayWait: false);

    internal static Role OfGate<T>() where T : IGate => new(T.Program, T.ManualSection, T.Summary, T.Declaration, &T.Run, &T.CommandBehind, T.MayWait);

    internal Outcome Run(Invocation invocation) => run(invocation);

    /// <summary>For a gate: <see cref="IGate.CommandBehind"/>.</summary>
    internal Words CommandBehind(Words words) => commandBehind(words);
}
