using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService;

/// <summary>A suggestion for a name that no role has.</summary>
internal static class RoleSuggestion
{
    /// <summary>
    /// The role name that needs the fewest edits, with or without its prefix like the wrong name; empty if none is similar.
    /// </summary>
    internal static ReadOnlySpan<byte> For(ReadOnlySpan<byte> wrong)
    {
        bool hasPrefix = wrong.StartsWith("s6-"u8);
        ReadOnlySpan<byte> closest = default;
        // A third of the word may be wrong: if more were allowed, any word would be similar to any other.
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
