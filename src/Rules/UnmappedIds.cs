using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>
/// Ids that may belong to any user. In a user namespace that doesn't map all ids, every id without a mapping looks the same: like the overflow id,
/// 65534 unless the administrator has chosen another one, user_namespaces(7). The facts about the namespace are found out once per process, when
/// there is such a client. Where /proc doesn't give the id, 65534 is taken for it.
/// </summary>
internal static unsafe class UnmappedIds
{
    /// <summary>The message about a client that has such an id, behind its ids.</summary>
    internal static ReadOnlySpan<byte> Explanation => ": may be anybody: this user namespace has no mapping for the client"u8;

    // The kernel's initial user namespace, which maps everything, has this number since Linux 3.8.
    private const ulong InitialNamespace = 0xEFFFFFFD;
    private const uint DefaultOverflowId = 65534;
    private const uint LargestOverflowId = 65535; // the kernel takes no other, Documentation/admin-guide/sysctl/kernel.rst
    private const uint Nobody = uint.MaxValue; // no id at all, credentials(7)

    // Both overflow ids, in one word that threads can read and write; 0 until they are known, because root never is one. An id that turns out to be
    // ordinary becomes Nobody.
    private static ulong found;

    /// <summary>Whether an id of a client may belong to any user.</summary>
    internal static bool Contains(PeerCredentials client)
    {
        if (client.UserId > LargestOverflowId && client.GroupId > LargestOverflowId)
            return false;
        ulong known = found;
        if (known == 0)
        {
            fixed (byte* users = "/proc/sys/kernel/overflowuid\0"u8, groups = "/proc/sys/kernel/overflowgid\0"u8)
                known = Pair(ReadId(users), ReadId(groups));
        }
        // The namespace itself matters for few clients: asking for it costs a new process 20 µs, because the kernel has to make its directory in
        // /proc.
        uint user = (uint)(known >> 32);
        if (client.UserId == user && IsMapped("/proc/self/uid_map\0"u8))
            user = Nobody;
        uint group = (uint)known;
        if (client.GroupId == group && IsMapped("/proc/self/gid_map\0"u8))
            group = Nobody;
        found = Pair(user, group);
        return client.UserId == user || client.GroupId == group;
    }

    /// <summary>Whether a group of a client may be any group.</summary>
    internal static bool ContainsGroup(uint group) => Contains(new PeerCredentials(0, group));

    private static ulong Pair(uint user, uint group) => (ulong)user << 32 | group;

    /// <summary>The id in the kernel's file, or else the usual one.</summary>
    private static uint ReadId(CString file)
    {
        // It is a short file of the kernel: one read gives all of it.
        using var opened = Descriptor.Open(LibC.AT_FDCWD, file, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_NOCTTY);
        byte* text = stackalloc byte[Numbers.LongestText];
        nint size;
        do
            size = opened.Number < 0 ? 0 : libc.pread(opened.Number, text, Numbers.LongestText, 0);
        while (Errno.Interrupted((int)size));
        return size > 0 && Numbers.TryParse(new ReadOnlySpan<byte>(text, (int)size - 1), out uint id) ? id : DefaultOverflowId;
    }

    private static bool IsMapped(ReadOnlySpan<byte> map)
    {
        fixed (byte* path = map)
            return IsInitialNamespace() || MapsEverything(path);
    }

    private static bool IsInitialNamespace()
    {
        fixed (byte* path = "/proc/self/ns/user\0"u8)
        {
            Result<FileStatus> status = FileStatus.Of(path);
            return !status.Failed && status.Value.Inode == InitialNamespace;
        }
    }

    /// <summary>Whether the numbers of ids in a map, which end its lines, add up to all ids. A longer map than usual doesn't count.</summary>
    private static bool MapsEverything(byte* map)
    {
        Span<byte> text = stackalloc byte[1024];
        Result<int> size = RegularFile.Read(LibC.AT_FDCWD, map, text);
        if (size.Failed)
            return false;
        ReadOnlySpan<byte> rest = text[..size.Value];
        ulong mapped = 0;
        for (int end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
        {
            ReadOnlySpan<byte> count = rest[..end];
            for (int blank = count.IndexOf((byte)' '); blank >= 0; blank = count.IndexOf((byte)' '))
                count = count[(blank + 1)..];
            if (!Numbers.TryParse(count, out uint number))
                return false;
            mapped += number;
            rest = rest[(end + 1)..];
        }
        return mapped == uint.MaxValue;
    }
}
