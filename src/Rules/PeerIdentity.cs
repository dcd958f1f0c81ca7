using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Rules;

/// <summary>
/// The identity of a client besides its ids, as far as rules need it: the kernel is asked for its groups, or its label, at the first rule that
/// depends on them, and only once. It must not move in memory.
/// </summary>
/// <param name="connection">The connection of the client.</param>
internal unsafe struct PeerIdentity(int connection)
{
    private PeerGroups groups;
    private fixed byte label[PeerLabel.Longest + 1];
    private int labelLength;
    private Errno labelError;
    private bool knowsGroups;
    private bool knowsLabel;

    /// <summary>The connection; -1 when there is none.</summary>
    internal int Connection { get; } = connection;

    /// <summary>Whether the rules that are being looked up include rules for groups.</summary>
    internal bool HasGroupRules { get; private set; }

    /// <summary>Whether they include rules for labels.</summary>
    internal bool HasLabelRules { get; private set; }

    /// <summary>How many groups are known.</summary>
    internal readonly int Groups => groups.Count;

    /// <summary>The label.</summary>
    internal ReadOnlySpan<byte> Label
    {
        get
        {
            fixed (byte* text = label) // it doesn't move
                return new ReadOnlySpan<byte>(text, labelLength);
        }
    }

    /// <summary>A group, in the order of their numbers.</summary>
    internal readonly uint Group(int index) => groups[index];

    /// <summary>
    /// Sets the identity of the client, so that the kernel isn't asked: its supplementary groups, and its label; without one it is as if no security
    /// module gave any. ENOMEM.
    /// </summary>
    internal Errno Give(ReadOnlySpan<uint> supplementary, ReadOnlySpan<byte> name, bool hasLabel)
    {
        knowsGroups = true;
        knowsLabel = true;
        labelError = new Errno(hasLabel ? 0 : libc.ENOPROTOOPT);
        labelLength = name.Length < PeerLabel.Longest + 1 ? name.Length : PeerLabel.Longest + 1;
        fixed (byte* text = label)
            name[..labelLength].CopyTo(new Span<byte>(text, labelLength));
        return groups.Add(supplementary);
    }

    /// <summary>Notes whether there are rules for groups. If so, finds out the client's groups, that of its gid included.</summary>
    /// <param name="hasRules">Whether there are such rules.</param>
    /// <param name="own">The gid of the client.</param>
    /// <returns>No rule; or that the client stays out.</returns>
    internal Decision EnterGroups(bool hasRules, uint own)
    {
        HasGroupRules = hasRules;
        if (!hasRules)
            return new Decision(Verdict.NoRule);
        Errno error = knowsGroups ? default : groups.Ask(Connection);
        error = error && groups.Add(own);
        knowsGroups = !error.Failed;
        return error.Failed ? new Decision(Verdict.GroupsUnknown, error) : new Decision(Verdict.NoRule);
    }

    /// <summary>The same for labels.</summary>
    internal Decision EnterLabel(bool hasRules)
    {
        HasLabelRules = hasRules;
        if (!hasRules)
            return new Decision(Verdict.NoRule);
        if (!knowsLabel)
            AskForLabel();
        if (labelError.Failed)
            return new Decision(Verdict.LabelUnknown, labelError);
        return new Decision(PeerLabel.IsUsable(Label) ? Verdict.NoRule : Verdict.LabelUnusable);
    }

    /// <summary>Frees the memory.</summary>
    internal void Free() => groups.Free();

    private void AskForLabel()
    {
        Result<int> length;
        fixed (byte* text = label)
            length = PeerLabel.Read(Connection, new Span<byte>(text, PeerLabel.Longest + 1));
        // For a label that is too long this is enough to know.
        bool isTooLong = length.Error.Is(libc.ERANGE);
        labelLength = isTooLong ? PeerLabel.Longest + 1 : length.Failed ? 0 : length.Value;
        labelError = isTooLong ? default : length.Error;
        knowsLabel = true;
    }
}
