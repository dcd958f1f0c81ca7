using LocalService.CommandLine;

namespace LocalService.Accounts;

/// <summary>
/// The ids that the options <c>-u -g -G</c> ask for. A user given by name brings its primary group and its supplementary groups along;
/// <c>-g</c> and <c>-G</c> override them, in any order of the options.
/// </summary>
internal struct RequestedIds
{
    private uint? group;
    private uint? groupOfUser;
    private GroupIdList? groups;
    private GroupIdList? groupsOfUser;

    /// <summary>The user id; 0 asks for none, which leaves it as it is.</summary>
    internal uint? User { get; private set; }

    /// <summary>The group id; 0 asks for none, which leaves it as it is.</summary>
    internal readonly uint? Group => group ?? groupOfUser;

    /// <summary>The supplementary groups.</summary>
    internal readonly GroupIdList? Groups => groups ?? groupsOfUser;

    /// <summary>Takes one of these three options.</summary>
    internal void Take(char option, ref OptionReader options)
    {
        switch (option)
        {
            case 'G': groups = IdArguments.Groups(ref options); break;
            case 'g': group = IdArguments.Group(ref options); break;
            case 'u':
                User user = IdArguments.User(ref options, out groupsOfUser);
                User = user.Id;
                groupOfUser = groupsOfUser.HasValue ? user.Group : null;
                break;
        }
    }
}
