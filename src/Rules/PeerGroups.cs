using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Rules;

/// <summary>
/// The supplementary groups that a client had when it called connect(2), up to the kernel's limit of 65536, in the order of their numbers, each
/// once. Groups without a mapping in this user namespace are left out: they all look the same, <see cref="UnmappedIds"/>. The list starts empty, and
/// its owner frees the memory of a long one.
/// </summary>
internal unsafe struct PeerGroups
{
    // The groups of all but a few clients need no separate memory.
    private const int Few = 32;

    private fixed uint few[Few];
    private ByteBuffer many; // instead of the few when it isn't empty

    /// <summary>The name of the call in messages.</summary>
    internal static ReadOnlySpan<byte> Call => "getsockopt SO_PEERGROUPS"u8;

    internal int Count { get; private set; }

    internal readonly uint this[int index]
    {
        get
        {
            fixed (uint* list = few)
                return many.Length > 0 ? ((uint*)many.Pointer)[index] : list[index];
        }
    }

    /// <summary>
    /// Asks the kernel: SO_PEERGROUPS, socket(7). ENOPROTOOPT before Linux 4.13; ENODATA for a socket that has no such peer; ENOMEM.
    /// </summary>
    internal Errno Ask(int socket)
    {
        many.Clear();
        uint size = Few * sizeof(uint);
        int result;
        fixed (uint* list = few)
            result = libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_PEERGROUPS, list, &size);
        Errno error = Errno.Of(result);
        if (error.Is(libc.ERANGE) && size <= libc.NGROUPS_MAX * sizeof(uint))
        {
            // The kernel has reported their number, and they never change: they are those at the time of connect(2).
            error = many.Extend((int)size) && Errno.Of(libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_PEERGROUPS, many.Pointer, &size));
            error = error && new Errno(size == (uint)many.Length ? 0 : libc.EINVAL);
        }
        Count = error.Failed ? 0 : (int)size / sizeof(uint);
        Arrange();
        return error;
    }

    /// <summary>Adds a group, if it isn't there. ENOMEM.</summary>
    internal Errno Add(uint group) => Add(new ReadOnlySpan<uint>(in group));

    /// <summary>Adds groups. ENOMEM.</summary>
    internal Errno Add(scoped ReadOnlySpan<uint> groups)
    {
        int former = Count;
        int size = (former + groups.Length) * sizeof(uint);
        fixed (uint* list = few)
        {
            bool isLong = many.Length > 0;
            if (isLong || size > Few * sizeof(uint))
            {
                Errno error = size > many.Length ? many.Extend(size - many.Length) : default;
                if (error.Failed)
                    return error;
                if (!isLong)
                    new ReadOnlySpan<byte>(list, former * sizeof(uint)).CopyTo(many.Content);
            }
            uint* target = many.Length > 0 ? (uint*)many.Pointer : list;
            groups.CopyTo(new Span<uint>(target + former, groups.Length));
        }
        Count = former + groups.Length;
        Arrange();
        return default;
    }

    internal void Free()
    {
        many.Free();
        Count = 0;
    }

    /// <summary>Sorts them, and drops duplicates and those without a mapping.</summary>
    private void Arrange()
    {
        fixed (uint* short_ = few)
        {
            uint* list = many.Length > 0 ? (uint*)many.Pointer : short_;
            Sort(list, Count);
            int kept = 0;
            for (int i = 0; i < Count; i++)
            {
                if ((kept == 0 || list[kept - 1] != list[i]) && !UnmappedIds.ContainsGroup(list[i]))
                    list[kept++] = list[i];
            }
            Count = kept;
        }
    }

    // Heapsort: no order makes it slow. The kernel's own order is that of its initial user namespace.
    private static void Sort(uint* list, int count)
    {
        for (int root = count / 2 - 1; root >= 0; root--)
            SiftDown(list, root, count);
        for (int end = count - 1; end > 0; end--)
        {
            (list[0], list[end]) = (list[end], list[0]);
            SiftDown(list, 0, end);
        }
    }

    private static void SiftDown(uint* list, int root, int end)
    {
        for (int child = 2 * root + 1; child < end; child = 2 * root + 1)
        {
            if (child + 1 < end && list[child] < list[child + 1])
                child++;
            if (list[root] >= list[child])
                return;
            (list[root], list[child]) = (list[child], list[root]);
            root = child;
        }
    }
}
