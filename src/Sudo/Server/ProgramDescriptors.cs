using LocalService.Errors;
using LocalService.Libc;
using LocalService.Messages;

namespace LocalService.Sudo;

/// <summary>
/// The future standard input, output and error of the program. Each is close-on-exec and above those three, or is 2 itself.
/// </summary>
internal unsafe struct ProgramDescriptors
{
    internal int Input { get; private set; }

    internal int Output { get; private set; }

    internal int Error { get; private set; }

    /// <summary>Takes the client's descriptors, or those that the options ask for. The message keeps the descriptors that aren't taken.</summary>
    /// <returns>
    /// The error if the null device could not be opened. Descriptors already taken stay open then: closing them could take as long as the client
    /// likes.
    /// </returns>
    internal static Errno Take(Message message, SudodOptions options, out ProgramDescriptors descriptors)
    {
        descriptors = default;
        descriptors.Input = options.NullInput ? OpenNullDevice(LibC.O_RDONLY) : message.Take(libc.STDIN_FILENO);
        if (descriptors.Input < 0)
            return Errno.Last;
        descriptors.Output = options.NullOutput ? OpenNullDevice(LibC.O_WRONLY) : message.Take(libc.STDOUT_FILENO);
        if (descriptors.Output < 0)
            return Errno.Last;
        descriptors.Error = options.OwnError ? libc.STDERR_FILENO : message.Take(libc.STDERR_FILENO);
        return default;
    }

    /// <summary>Closes them, but not the server's own standard error.</summary>
    internal readonly void Close()
    {
        _ = libc.close(Input);
        _ = libc.close(Output);
        if (Error != libc.STDERR_FILENO)
            _ = libc.close(Error);
    }

    private static int OpenNullDevice(int mode)
    {
        fixed (byte* path = "/dev/null\0"u8)
            return LibC.open(path, mode | LibC.O_CLOEXEC, 0);
    }
}
