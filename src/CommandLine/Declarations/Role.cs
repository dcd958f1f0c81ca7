using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>A program of the toolkit. Each implements it in a file of its own, what users see on top, and has one line in the role table.</summary>
internal interface IRole
{
    /// <summary>The full name, <c>s6-NAME</c>. It stands in front of the role's messages.</summary>
    static abstract ReadOnlySpan<byte> Program { get; }

    /// <summary>The section of the manual that it belongs to: 1 for what users run, 8 for what serves or administrates.</summary>
    static abstract int ManualSection { get; }

    /// <summary>What it does, in one line.</summary>
    static abstract ReadOnlySpan<byte> Summary { get; }

    /// <summary>
    /// Its options and operands, a <see cref="DeclarationLine"/> each. From it come the reading of command lines, usage and help.
    /// </summary>
    static abstract ReadOnlySpan<byte> Declaration { get; }

    /// <summary>The role itself.</summary>
    static abstract Outcome Run(Invocation invocation);
}

/// <summary>
/// A role that only decides about a connection, and edits the environment of the program that serves it. Run for somebody else, it uses the
/// memory and the messages of its invocation and nothing else that lasts: a server may run it for each connection, in any thread.
/// </summary>
internal interface IGate : IRole
{
    /// <summary>
    /// Whether a decision may take as long as somebody else likes, such as a file system on a network: a server then has a thread ask the
    /// gate, so that it hears signals meanwhile.
    /// </summary>
    static abstract bool MayWait { get; }

    /// <summary>
    /// The command line behind the gate's own part of one; the default, which has no words, when there is none, it is wrong, or the gate has to be
    /// a process of its own: because it waits for somebody on the network, or because it needs the descriptors of the connection.
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

    /// <summary>A name without what the full name of every role begins with: <c>s6</c>, and for most a hyphen.</summary>
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
