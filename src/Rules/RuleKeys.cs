using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>The keys that a client's rules may be found under, one after the other. The first rule that is found decides.</summary>
internal interface IRuleKeys
{
    /// <summary>The length of the longest key.</summary>
    static abstract int LongestKey { get; }

    /// <summary>
    /// Whether some of the keys are kinds, <c>KIND/</c>: <see cref="Enter"/> finds out what the client is in this respect only when there are rules
    /// of this kind; then the keys for it come next.
    /// </summary>
    static abstract bool HaveKinds { get; }

    /// <summary>Whether the last key is one of several of the same rank: a deny by any of them counts, otherwise the first allow.</summary>
    bool IsAmongEquals { get; }

    /// <summary>Whether there were rules of the kind that the last key is.</summary>
    bool HasRules { get; }

    /// <summary>The next key.</summary>
    /// <param name="buffer">Memory for the key, at least <see cref="LongestKey"/> bytes.</param>
    /// <param name="key">The key, at the start of the buffer.</param>
    /// <returns>False after the last one.</returns>
    bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key);

    /// <summary>Says whether there are rules of the kind that the last key is.</summary>
    /// <returns>No rule; or that the client stays out, because it can't be found out what it is.</returns>
    Decision Enter(bool hasRules);
}

/// <summary>
/// The keys of a client that is known by its ids: <c>uid/self</c> and <c>gid/self</c> for ids that the gate has itself, <c>uid/N</c>, <c>gid/N</c>,
/// <c>group/N</c> and <c>label/NAME</c> for its groups and its label where there are such rules, and <c>uid/default</c>. Specification "access",
/// section 2.1.
/// </summary>
/// <param name="client">The client's ids.</param>
/// <param name="self">The effective ids of the gate.</param>
/// <param name="identity">The client's groups and label; null: none, and rules for them don't count.</param>
internal unsafe struct PeerKeys(PeerCredentials client, PeerCredentials self, PeerIdentity* identity = null) : IRuleKeys
{
    private const int Groups = 5;
    private const int Label = 7;

    private int step;
    private int group;

    /// <summary>The length of the key for the longest label.</summary>
    public static int LongestKey => 6 + PeerLabel.Longest;

    public static bool HaveKinds => true;

    /// <summary>The kind of the rules for groups.</summary>
    internal static ReadOnlySpan<byte> GroupKind => "group"u8;

    /// <summary>The kind of the rules for labels.</summary>
    internal static ReadOnlySpan<byte> LabelKind => "label"u8;

    public readonly bool IsAmongEquals => step == Groups && group > 0;

    public readonly bool HasRules => step == Groups ? identity->HasGroupRules : identity->HasLabelRules;

    public bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key)
    {
        key = default;
        while (key.IsEmpty)
        {
            switch (step++)
            {
                case 0 when client.UserId == self.UserId:
                    key = Join(buffer, "uid/self"u8);
                    break;
                case 1:
                    key = Join(buffer, "uid/"u8, client.UserId);
                    break;
                case 2 when client.GroupId == self.GroupId:
                    key = Join(buffer, "gid/self"u8);
                    break;
                case 3:
                    key = Join(buffer, "gid/"u8, client.GroupId);
                    break;
                case Groups - 1 when identity != null:
                    key = Join(buffer, GroupKind, "/"u8);
                    break;
                case Groups when identity != null && identity->HasGroupRules && group < identity->Groups:
                    key = Join(buffer, "group/"u8, identity->Group(group++));
                    step = Groups; // until all were there
                    break;
                case Label - 1 when identity != null:
                    key = Join(buffer, LabelKind, "/"u8);
                    break;
                case Label when identity != null && identity->HasLabelRules:
                    key = Join(buffer, "label/"u8, identity->Label);
                    break;
                case Label + 1:
                    key = Join(buffer, "uid/default"u8);
                    break;
                case > Label + 1:
                    return false;
            }
        }
        return true;
    }

    public readonly Decision Enter(bool hasRules) =>
        step == Groups ? identity->EnterGroups(hasRules, client.GroupId) : identity->EnterLabel(hasRules);

    private static ReadOnlySpan<byte> Join(Span<byte> buffer, ReadOnlySpan<byte> kind, uint id) =>
        Join(buffer, kind, Numbers.Decimal(id, stackalloc byte[Numbers.LongestText]));

    private static ReadOnlySpan<byte> Join(Span<byte> buffer, ReadOnlySpan<byte> kind, scoped ReadOnlySpan<byte> id = default)
    {
        kind.CopyTo(buffer);
        id.CopyTo(buffer[kind.Length..]);
        return buffer[..(kind.Length + id.Length)];
    }
}
