using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Descriptors that the user names.</summary>
internal static class UserDescriptor
{
    /// <summary>Whether a descriptor is open for the user: one that was closed at start isn't, although it is occupied.</summary>
    internal static bool IsOpen(int number) =>
        !(number == libc.STDIN_FILENO && StandardDescriptors.InputMissing)
        && !(number == libc.STDOUT_FILENO && StandardDescriptors.OutputMissing)
        && LibC.fcntl(number, LibC.F_GETFD, 0) >= 0;
}
