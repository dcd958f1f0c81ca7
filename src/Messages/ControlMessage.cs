using System;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Messages;

/// <summary>How descriptors travel beside the bytes: a control message of the kind SCM_RIGHTS, unix(7) and cmsg(3).</summary>
internal static unsafe class ControlMessage
{
    /// <summary>The size for as many descriptors as the kernel passes at once, in bytes.</summary>
    internal const int Size = Words * sizeof(long);

    /// <summary>The same in words: control messages are aligned to words.</summary>
    internal const int Words = HeaderWords + ((MessageFormat.MostDescriptors + 1) / 2);

    private const int HeaderWords = 2;

    /// <summary>Writes a control message with descriptors into memory, and attaches it to a message.</summary>
    /// <param name="control">Memory of <see cref="Size"/> bytes.</param>
    /// <param name="descriptors">At least one descriptor.</param>
    /// <param name="message">The message to send them with.</param>
    internal static void Attach(nint* control, ReadOnlySpan<int> descriptors, ref libc.msghdr message)
    {
        nuint length = (nuint)(sizeof(libc.cmsghdr) + (descriptors.Length * sizeof(int)));
        *(libc.cmsghdr*)control = new libc.cmsghdr { cmsg_len = length, cmsg_level = libc.SOL_SOCKET, cmsg_type = libc.SCM_RIGHTS };
        descriptors.CopyTo(new Span<int>((libc.cmsghdr*)control + 1, descriptors.Length));
        message.msg_control = control;
        message.msg_controllen = length;
    }

    /// <summary>Takes over every descriptor received with a message. After an error all of them are closed.</summary>
    /// <returns>ENOBUFS if some or all were lost (MSG_CTRUNC); EPROTO for control data of another kind, or too many descriptors.</returns>
    internal static Errno TakeDescriptors(in libc.msghdr message, ref DescriptorQueue descriptors)
    {
        Errno error = (message.msg_flags & libc.MSG_CTRUNC) != 0 ? new Errno(libc.ENOBUFS) : default;
        int before = descriptors.Count;
        byte* control = (byte*)message.msg_control;
        nuint left = message.msg_controllen;
        while (left >= (nuint)sizeof(libc.cmsghdr))
        {
            var header = (libc.cmsghdr*)control;
            if (header->cmsg_len < (nuint)sizeof(libc.cmsghdr) || header->cmsg_len > left)
                return new Errno(libc.EPROTO);
            if (header->cmsg_level != libc.SOL_SOCKET || header->cmsg_type != libc.SCM_RIGHTS)
                error = new Errno(libc.EPROTO);
            else if (!TryTake(new ReadOnlySpan<int>(header + 1, (int)(header->cmsg_len / sizeof(int)) - (sizeof(libc.cmsghdr) / sizeof(int))), ref descriptors))
                error = new Errno(libc.EPROTO);
            nuint step = (header->cmsg_len + sizeof(long) - 1) & ~(nuint)(sizeof(long) - 1);
            if (step >= left)
                break;
            control += step;
            left -= step;
        }
        if (error.Failed)
            descriptors.DropFrom(before);
        return error;
    }

    private static bool TryTake(ReadOnlySpan<int> received, ref DescriptorQueue descriptors)
    {
        if (descriptors.TryAdd(received))
            return true;
        foreach (int descriptor in received)
            ForeignDescriptors.Close(descriptor);
        return false;
    }
}
