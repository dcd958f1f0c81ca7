using LocalService.CommandLine;

namespace LocalService.Accounts;

/// <summary>
/// The options with which a server changes its ids before it serves, <c>-u -g -G -U</c>, and the part of its chain that does that:
/// s6-applyuidgid. Specification "server", section 1.
/// </summary>
internal unsafe struct PrivilegeOptions
{
    /// <summary>The most words that <see cref="AddTo"/> adds.</summary>
    internal const int MostWords = 9;

    private bool idsFromEnvironment;
    private RequestedIds ids;

    /// <summary>Whether any ids are to be changed; 0 stands for none.</summary>
    internal readonly bool IsGiven =>
        idsFromEnvironment || ids.User.GetValueOrDefault() != 0 || ids.Group.GetValueOrDefault() != 0 || ids.Groups.HasValue;

    /// <summary>Takes one of these four options.</summary>
    internal void Take(char option, ref OptionReader options)
    {
        if (option == 'U')
            this = new PrivilegeOptions { idsFromEnvironment = true };
        else
            ids.Take(option, ref options);
    }

    /// <summary>Adds the program to a chain, if any ids are to be changed.</summary>
    internal readonly void AddTo(ref WordList chain)
    {
        if (!IsGiven)
            return;
        chain.AddRole("s6-applyuidgid"u8);
        if (idsFromEnvironment)
            chain.Add("-Uz"u8);
        AddIdsTo(ref chain);
        chain.Add("--"u8);
    }

    /// <summary>Adds the options themselves, for a program that reads them again.</summary>
    internal readonly void AddOptionsTo(ref WordList chain)
    {
        if (idsFromEnvironment)
            chain.Add("-U"u8);
        AddIdsTo(ref chain);
    }

    private readonly void AddIdsTo(ref WordList chain)
    {
        if (ids.User.GetValueOrDefault() != 0)
            chain.Add("-u"u8, ids.User.GetValueOrDefault());
        if (ids.Group.GetValueOrDefault() != 0)
            chain.Add("-g"u8, ids.Group.GetValueOrDefault());
        if (ids.Groups.HasValue)
        {
            chain.Add("-G"u8);
            chain.Add(ids.Groups.GetValueOrDefault().ToCString());
        }
    }
}
