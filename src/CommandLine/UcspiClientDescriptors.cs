using LocalService.Errors;
using LocalService.Libc;
using LocalService.Posix;

namespace LocalService.CommandLine;

/// <summary>The descriptors that a UCSPI client program reads from and writes to. Specification "client", section 1.</summary>
internal static class UcspiClientDescriptors
{
    /// <summary>
    /// Puts a connection on both, open over execve(2), and replaces the descriptors there. The connection keeps no other number. It may
    /// already have one of the two.
    /// </summary>
    /// <param name="connection">Closed on success unless it is one of the two; left alone otherwise.</param>
    /// <param name="error">What went wrong.</param>
    /// <returns>-1, or the number that could not be set up.</returns>
    internal static int Place(int connection, out Errno error)
    {
        error = PutOn(connection, Ucspi.ClientRead);
        if (error.Failed)
            return Ucspi.ClientRead;
        error = PutOn(connection, Ucspi.ClientWrite);
        if (error.Failed)
            return Ucspi.ClientWrite;
        if (connection is not (Ucspi.ClientRead or Ucspi.ClientWrite))
            _ = libc.close(connection);
        return -1;
    }

    private static Errno PutOn(int connection, int target)
    {
        // dup2(2) of a descriptor onto itself would leave it close-on-exec.
        if (connection == target)
            return Errno.Of(LibC.fcntl(connection, LibC.F_SETFD, 0));
        return Descriptor.Copy(connection, target);
    }
}
