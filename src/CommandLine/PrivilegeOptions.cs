using System;

namespace LocalService.CommandLine;

/// <summary>
/// The options of a server with which it takes other ids before it serves, <c>-u -g -G -U</c>, and the part of its chain that does that:
/// s6-applyuidgid. Specification "server", section 1.
/// </summary>
internal unsafe struct PrivilegeOptions
{
    /// <summary>The most words that <see cref="AddTo"/> adds.</summary>
    internal const int MostWords = 9;

    private bool idsFromEnvironment;
    private uint user;
    private uint group;
    private GroupIdList? groups;

    /// <summary>Takes an option that is one of these four. False for another one, or a wrong argument.</summary>
    internal bool TryTake(byte option, ReadOnlySpan<byte> argument)
    {
        switch (option)
        {
            case (byte)'G': return TryTakeGroups(argument);
            case (byte)'g': return Numbers.TryParse(argument, out group);
            case (byte)'u': return Numbers.TryParse(argument, out user);
            case (byte)'U':
                this = default;
                idsFromEnvironment = true;
                return true;
            default: return false;
        }
    }

    /// <summary>Adds the program to a chain, if any ids are to be taken; 0 stands for none.</summary>
    internal readonly void AddTo(ref WordList chain)
    {
        if (!idsFromEnvironment && user == 0 && group == 0 && !groups.HasValue)
            return;
        chain.AddRole("s6-applyuidgid"u8);
        if (idsFromEnvironment)
            chain.Add("-Uz"u8);
        if (user != 0)
            chain.Add("-u"u8, user);
        if (group != 0)
            chain.Add("-g"u8, group);
        if (groups.HasValue)
        {
            chain.Add("-G"u8);
            chain.Add(groups.GetValueOrDefault().ToCString());
        }
        chain.Add("--"u8);
    }

    private bool TryTakeGroups(ReadOnlySpan<byte> argument)
    {
        bool valid = GroupIdList.TryParse(argument, out GroupIdList list);
        groups = list;
        return valid;
    }
}
