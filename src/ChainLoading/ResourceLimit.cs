using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.ChainLoading;

/// <summary>Which of the two limits of a resource to change, getrlimit(2).</summary>
internal enum LimitKind : byte
{
    /// <summary>The limit that the kernel enforces. A value above the hard limit sets it to the hard limit.</summary>
    Soft,

    /// <summary>The maximum for the soft limit. If it falls below the soft limit, the soft limit is lowered to it.</summary>
    Hard,

    /// <summary>Both, to the same value.</summary>
    Both,
}

/// <summary>A value for a resource limit.</summary>
internal readonly unsafe struct ResourceLimit
{
    private readonly ulong value;
    private readonly bool isHardLimit;
    private readonly LimitKind kind;

    private ResourceLimit(ulong value, bool isHardLimit, LimitKind kind)
    {
        this.value = value;
        this.isHardLimit = isHardLimit;
        this.kind = kind;
    }

    /// <summary>Parses a number of 64 bits, or <c>=</c> for the current hard limit. The largest number is the kernel's "no limit".</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, LimitKind kind, out ResourceLimit limit)
    {
        bool isHardLimit = text.SequenceEqual("="u8);
        ulong number = 0;
        bool valid = isHardLimit || Numbers.TryParseLong(text, out number);
        limit = new ResourceLimit(number, isHardLimit, kind);
        return valid;
    }

    /// <summary>Sets the limit that a letter of s6-softlimit stands for; <c>m</c> stands for all memory limits of a process.</summary>
    internal Errno Apply(char letter)
    {
        if (letter != 'm')
            return Set(ResourceOf(letter));
        return Set(libc.RLIMIT_DATA) && Set(libc.RLIMIT_STACK) && Set(libc.RLIMIT_MEMLOCK) && Set(libc.RLIMIT_AS);
    }

    private static int ResourceOf(char letter) => letter switch
    {
        'a' => libc.RLIMIT_AS,
        'c' => libc.RLIMIT_CORE,
        'd' => libc.RLIMIT_DATA,
        'e' => libc.RLIMIT_NICE,
        'f' => libc.RLIMIT_FSIZE,
        'i' => libc.RLIMIT_SIGPENDING,
        'l' => libc.RLIMIT_MEMLOCK,
        'o' => libc.RLIMIT_NOFILE,
        'P' => libc.RLIMIT_RTPRIO,
        'p' => libc.RLIMIT_NPROC,
        'q' => libc.RLIMIT_MSGQUEUE,
        'R' => libc.RLIMIT_RTTIME,
        'r' => libc.RLIMIT_RSS,
        's' => libc.RLIMIT_STACK,
        't' => libc.RLIMIT_CPU,
        _ => libc.RLIMIT_LOCKS,
    };

    private Errno Set(int resource)
    {
        libc.rlimit limit;
        if (libc.prlimit(0, resource, null, &limit) < 0)
            return Errno.Last;
        ulong wanted = isHardLimit ? limit.rlim_max : value;
        if (kind != LimitKind.Soft)
            limit.rlim_max = wanted;
        if (kind != LimitKind.Hard || limit.rlim_cur > wanted)
            limit.rlim_cur = wanted > limit.rlim_max ? limit.rlim_max : wanted;
        return Errno.Of(libc.prlimit(0, resource, &limit, null));
    }
}
