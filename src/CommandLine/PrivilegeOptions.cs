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

    /// <summary>Takes an option, which is one of these four.</summary>
    internal void Take(char option, ref OptionReader options)
    {
        switch (option)
        {
            case 'G': groups = options.GroupIds(); break;
            case 'g': group = options.Number(); break;
            case 'u': user = options.Number(); break;
            case 'U': this = new PrivilegeOptions { idsFromEnvironment = true }; break;
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
}
