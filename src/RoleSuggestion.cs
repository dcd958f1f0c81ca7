using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService;

/// <summary>What somebody meant who wrote a name that no role has.</summary>
internal static class RoleSuggestion
{
    /// <summary>The role name, with or without its prefix as the wrong one, that takes the fewest edits; empty when none is near.</summary>
    internal static ReadOnlySpan<byte> For(ReadOnlySpan<byte> wrong)
    {
        bool hasPrefix = wrong.StartsWith("s6-"u8);
        ReadOnlySpan<byte> closest = default;
        // A third of the word may be wrong: with more, any word looks like any other.
        int least = wrong.Length / 3 + 1;
        for (int i = 0; RoleTable.TryAt(i, out Role role); i++)
        {
            ReadOnlySpan<byte> name = hasPrefix ? role.Program : role.Name;
            int distance = EditDistance.Between(wrong, name);
            if (distance < least)
            {
                least = distance;
                closest = name;
            }
        }
        return closest;
    }
}
