using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.Privilege;

/// <summary>The capabilities of the process, capabilities(7).</summary>
internal static unsafe class Capabilities
{
    private const int WordCount = 2;
    private const int BitsOfWord = 32;

    /// <summary>
    /// In a process that isn't root's, gives up what an execve(2) would take away: all capabilities but the ambient ones, which last as long as
    /// they are in the permitted and in the inheritable set. A chain that stays in one process makes no execve(2). And if the securebit
    /// SECBIT_NO_SETUID_FIXUP is set, or the process wasn't root's before, the change of the user alone takes nothing away.
    /// (SECBIT_KEEP_CAPS doesn't outlive the execve(2) that started the process.)
    /// </summary>
    /// <returns>EPERM if any of these are left afterwards; errors of capget(2), capset(2).</returns>
    internal static Errno GiveUpWhatExecTakes()
    {
        libc.cap_user_data_t* sets = stackalloc libc.cap_user_data_t[WordCount];
        Errno error = Read(sets);
        if (error.Failed || AreNone(sets))
            return error;
        for (int word = 0; word < WordCount; word++)
        {
            sets[word].permitted = AmbientAmong(word, sets[word].permitted & sets[word].inheritable);
            sets[word].effective = sets[word].permitted;
        }
        libc.cap_user_data_t* wanted = stackalloc libc.cap_user_data_t[WordCount];
        for (int word = 0; word < WordCount; word++)
            wanted[word] = sets[word];
        libc.cap_user_header_t header = new() { version = libc._LINUX_CAPABILITY_VERSION_3 };
        error = Errno.Of(libc.capset(&header, wanted)) && Read(sets);
        return error.Failed || AreSame(sets, wanted) ? error : new Errno(libc.EPERM);
    }

    private static Errno Read(libc.cap_user_data_t* sets)
    {
        libc.cap_user_header_t header = new() { version = libc._LINUX_CAPABILITY_VERSION_3 };
        return Errno.Of(libc.capget(&header, sets));
    }

    // Kernels before 4.3 have no ambient set and answer EINVAL.
    private static uint AmbientAmong(int word, uint candidates)
    {
        uint ambient = 0;
        for (int bit = 0; bit < BitsOfWord; bit++)
        {
            uint mask = 1u << bit;
            if ((candidates & mask) != 0 && libc.prctl(libc.PR_CAP_AMBIENT, libc.PR_CAP_AMBIENT_IS_SET, word * BitsOfWord + bit, 0, 0) == 1)
                ambient |= mask;
        }
        return ambient;
    }

    private static bool AreNone(libc.cap_user_data_t* sets)
    {
        uint any = 0;
        for (int word = 0; word < WordCount; word++)
            any |= sets[word].permitted | sets[word].effective;
        return any == 0;
    }

    private static bool AreSame(libc.cap_user_data_t* sets, libc.cap_user_data_t* wanted)
    {
        uint difference = 0;
        for (int word = 0; word < WordCount; word++)
            difference |= (sets[word].permitted ^ wanted[word].permitted) | (sets[word].effective ^ wanted[word].effective);
        return difference == 0;
    }
}
