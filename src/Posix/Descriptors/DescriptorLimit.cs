using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>How many descriptors this process may have open, RLIMIT_NOFILE.</summary>
internal static unsafe class DescriptorLimit
{
    /// <summary>
    /// Raises the limit as far as this process may by itself. Not for a process that executes other programs: some can't cope with high numbers.
    /// </summary>
    internal static Errno Raise()
    {
        libc.rlimit limit;
        if (libc.getrlimit(libc.RLIMIT_NOFILE, &limit) < 0)
            return Errno.Last;
        limit.rlim_cur = limit.rlim_max;
        return Errno.Of(libc.prlimit(0, libc.RLIMIT_NOFILE, &limit, null));
    }
}
