using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;

namespace LocalService.Posix;

/// <summary>What the process may do with a file.</summary>
internal static unsafe class FileAccess
{
    /// <summary>
    /// Whether the process may execute a file, by its effective ids and capabilities: faccessat2(2). Before Linux 5.8 the real ids decide,
    /// which are the same unless the program was made set-user-ID, and capabilities of other users than root don't count.
    /// </summary>
    internal static bool MayExecute(CString path)
    {
        int result;
        do
            result = libc.faccessat2(LibC.AT_FDCWD, path, libc.X_OK, LibC.AT_EACCESS);
        while (Errno.Interrupted(result));
        if (result < 0 && Errno.Last.MeansMissingCall)
        {
            do
                result = libc.faccessat(LibC.AT_FDCWD, path, libc.X_OK);
            while (Errno.Interrupted(result));
        }
        return result == 0;
    }

    /// <summary>Whether the process may use a file in some way, by its real ids: access(2).</summary>
    /// <param name="directory">The open directory that the path starts from.</param>
    /// <param name="path">The path, as a C string.</param>
    /// <param name="mode">R_OK, or F_OK to ask whether it is there.</param>
    internal static Errno Check(int directory, CString path, int mode)
    {
        int result;
        do
            result = libc.faccessat(directory, path, mode);
        while (Errno.Interrupted(result));
        return Errno.Of(result);
    }
}
