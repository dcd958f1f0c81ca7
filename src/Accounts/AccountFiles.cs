using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Accounts;

/// <summary>
/// Users and groups by name, read directly from /etc/passwd and /etc/group: a static executable has no name service switch, nsswitch.conf(5).
/// A missing file counts as empty; a file that can't be read, isn't regular or is too large is an error.
/// </summary>
internal static unsafe class AccountFiles
{
    /// <summary>The largest size of either file, in bytes.</summary>
    internal const int LargestFile = 16 * 1024 * 1024;

    /// <summary>Finds a user.</summary>
    /// <returns>ESRCH for an unknown name.</returns>
    internal static Result<User> FindUser(ReadOnlySpan<byte> name)
    {
        var content = new ByteBuffer();
        Errno error = Read("/etc/passwd\0"u8, ref content);
        Result<User> user = error.Failed ? error : PasswordText.Find(content.Content, name);
        content.Free();
        return user;
    }

    /// <summary>Finds a group.</summary>
    /// <returns>ESRCH for an unknown name.</returns>
    internal static Result<uint> FindGroup(ReadOnlySpan<byte> name)
    {
        var content = new ByteBuffer();
        Errno error = Read("/etc/group\0"u8, ref content);
        Result<uint> group = error.Failed ? error : GroupText.Find(content.Content, name);
        content.Free();
        return group;
    }

    /// <summary>Lists the supplementary groups of a user.</summary>
    internal static Result<GroupIdList> GroupsOf(ReadOnlySpan<byte> user)
    {
        var content = new ByteBuffer();
        Errno error = Read("/etc/group\0"u8, ref content);
        Result<GroupIdList> groups = error.Failed ? error : GroupText.ListOf(content.Content, user);
        content.Free();
        return groups;
    }

    private static Errno Read(ReadOnlySpan<byte> path, ref ByteBuffer content)
    {
        fixed (byte* file = path)
        {
            Errno error = RegularFile.ReadWhole(LibC.AT_FDCWD, file, LargestFile, ref content);
            return error.Is(libc.ENOENT) ? default : error;
        }
    }
}
