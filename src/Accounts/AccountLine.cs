using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Accounts;

/// <summary>A line of /etc/passwd or /etc/group: fields separated by colons, the name first, passwd(5) and group(5).</summary>
/// <param name="line">The line, without its newline.</param>
internal readonly ref struct AccountLine(ReadOnlySpan<byte> line)
{
    private readonly ReadOnlySpan<byte> line = line;

    /// <summary>Whether it is the line of the account with this name.</summary>
    internal bool IsOf(ReadOnlySpan<byte> name) =>
        line.Length > name.Length && line[name.Length] == (byte)':' && line.StartsWith(name);

    /// <summary>
    /// Reads an id. A field without a colon at its end is no id: the line may have been cut within the number. Nor is 4294967295, which the system
    /// calls take for "no change".
    /// </summary>
    internal bool TryGetId(int index, out uint id)
    {
        bool found = TrySkipTo(index, out ReadOnlySpan<byte> rest);
        int end = rest.IndexOf((byte)':');
        id = 0;
        return found && end >= 0 && Numbers.TryParse(rest[..end], out id) && id != uint.MaxValue;
    }

    /// <summary>Whether the comma-separated list of names at the end of the line contains a name.</summary>
    /// <param name="index">The index of the list among the fields.</param>
    /// <param name="name">The name.</param>
    internal bool Lists(int index, ReadOnlySpan<byte> name)
    {
        _ = TrySkipTo(index, out ReadOnlySpan<byte> rest);
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)',');
            if (name.SequenceEqual(end < 0 ? rest : rest[..end]))
                return true;
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return false;
    }

    private bool TrySkipTo(int index, out ReadOnlySpan<byte> rest)
    {
        rest = line;
        for (int i = 0; i < index; i++)
        {
            int end = rest.IndexOf((byte)':');
            if (end < 0)
            {
                rest = default;
                return false;
            }
            rest = rest[(end + 1)..];
        }
        return true;
    }
}

/// <summary>Goes through the lines of a text. The last line counts even without a newline at its end.</summary>
internal ref struct AccountLines(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> rest = content;

    internal AccountLine Current { get; private set; }

    internal bool MoveNext()
    {
        if (rest.IsEmpty)
            return false;
        int end = rest.IndexOf((byte)'\n');
        Current = new AccountLine(end < 0 ? rest : rest[..end]);
        rest = end < 0 ? default : rest[(end + 1)..];
        return true;
    }
}
