using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The command line that is run for each connection, and the facts that are known from the start: which of its words are gates that the server runs
/// itself, and which file the program behind them is. Shared by all threads; nothing in it changes after the start.
/// </summary>
internal readonly unsafe struct ProgramChain
{
    private readonly Words words;
    private readonly RoleFinder roles;
    private readonly CString searchPath;
    private readonly Position* positions;

    private struct Position
    {
        internal bool IsGate;
        internal ProgramFile Program;
    }

    /// <param name="words">The command line, at least one word.</param>
    /// <param name="environment">The environment of the server. Its PATH is searched for programs.</param>
    /// <param name="roles">Finds gates; it finds none when gates are to be started as separate programs.</param>
    internal ProgramChain(Words words, EnvironmentBlock environment, RoleFinder roles)
    {
        this.words = words;
        this.roles = roles;
        searchPath = environment.EntryOf("PATH"u8);
        positions = (Position*)Arena.Allocate((nuint)words.Count * (nuint)sizeof(Position));
        Words command = words;
        while (TryEvaluateGate(command, environment, default, out Role gate, out Words behind))
        {
            positions[command.List - words.List].IsGate = true;
            GatesMayWait |= gate.MayWait;
            command = behind;
        }
        positions[command.List - words.List].Program = new ProgramFile(ProgramCandidates.Of(command[0], environment));
    }

    internal Words Words => words;

    /// <summary>Whether it begins with a gate.</summary>
    internal bool HasGates => positions[0].IsGate;

    /// <summary>Whether one of the gates that it begins with may have to wait.</summary>
    internal bool GatesMayWait { get; }

    /// <summary>The gate that a command line begins with; false when it begins with a program to be started.</summary>
    /// <param name="command">A command line: this one, the rest of it behind a gate, or another one.</param>
    /// <param name="searched">The environment whose PATH counts.</param>
    /// <param name="memory">Memory for the candidates of a search.</param>
    /// <param name="gate">The role.</param>
    internal bool TryFindGate(Words command, EnvironmentBlock searched, Allocator memory, out Role gate)
    {
        gate = default;
        return IsKnown(command, searched, out int position)
            ? positions[position].IsGate && roles.TryFind(Bytes.BaseName(command[0]), out gate)
            : TryEvaluateGate(command, searched, memory, out gate, out _);
    }

    /// <summary>
    /// Makes sure that <see cref="TryFindGate"/> and <see cref="FindProgram"/> have the memory that they may need. ENOMEM. Parameters as for
    /// <see cref="TryFindGate"/>.
    /// </summary>
    internal Errno Reserve(Words command, EnvironmentBlock searched, Allocator memory) =>
        IsKnown(command, searched, out _) ? default : memory.Ensure(2 * ProgramCandidates.LargestCost(command[0], searched));

    /// <summary>The file of the program that a command line begins with. Parameters as for <see cref="TryFindGate"/>.</summary>
    internal ProgramFile FindProgram(Words command, EnvironmentBlock searched, Allocator memory) =>
        IsKnown(command, searched, out int position)
            ? positions[position].Program
            : new ProgramFile(ProgramCandidates.Of(command[0], searched, memory));

    // The words of the command line are known from the start, as long as no gate has changed PATH for the words behind it.
    private bool IsKnown(Words command, EnvironmentBlock searched, out int position)
    {
        long distance = command.List - words.List;
        position = (int)distance;
        return distance >= 0 && distance < words.Count && searched.EntryOf("PATH"u8) == searchPath;
    }

    // A gate with a wrong command line, or with no command behind it, is started as a program, which reports that itself; so is a gate that has to
    // wait for the network.
    private bool TryEvaluateGate(Words command, EnvironmentBlock environment, Allocator memory, out Role gate, out Words behind)
    {
        behind = default;
        gate = default;
        if (!IsGate(command, environment, memory) || !roles.TryFind(Bytes.BaseName(command[0]), out gate))
            return false;
        behind = gate.CommandBehind(command);
        return behind.Count > 0;
    }

    /// <summary>
    /// Whether a command line begins with a gate of this very executable: because PATH leads to it, or because PATH leads to no file of
    /// that name. A gate that is only asked for its help is a program like any other.
    /// </summary>
    private bool IsGate(Words command, EnvironmentBlock searched, Allocator memory)
    {
        ReadOnlySpan<byte> name = command[0];
        if (command.AsksForHelp || !roles.TryFind(Bytes.BaseName(name), out Role role) || !role.IsGate)
            return false;
        ProgramCandidates candidates = ProgramCandidates.Of(name, searched, memory);
        CString file = candidates.Likely();
        return file.IsNull ? name.IndexOf((byte)'/') < 0 && candidates.AreAllMissing() : ThisExecutable.Is(file);
    }
}
