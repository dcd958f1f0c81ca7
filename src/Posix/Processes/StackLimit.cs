using System;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>How large the stack of the first thread may become: RLIMIT_STACK, getrlimit(2).</summary>
internal static unsafe class StackLimit
{
    /// <summary>The message when the limit is too low for a server.</summary>
    internal static ReadOnlySpan<byte> TooLow => "stack size limit too low"u8;

    /// <summary>Whether that many bytes are left, besides those that the caller, the command line and the environment use.</summary>
    internal static bool Leaves(ulong bytes)
    {
        libc.rlimit limit;
        if (libc.getrlimit(libc.RLIMIT_STACK, &limit) < 0)
            return true;
        // The name that was executed is the last thing at the top of the stack: execve(2), getauxval(3).
        ulong top = (ulong)libc.getauxval(libc.AT_EXECFN);
        ulong here = (ulong)&limit;
        ulong used = top > here ? top - here : 0;
        return limit.rlim_cur >= used && limit.rlim_cur - used >= bytes;
    }
}
