using System;
using LocalService.Memory;

namespace LocalService.Errors;

/// <summary>
/// The English text of every Linux error number, in the words that users of the C tools know (those of glibc; musl's own differ).
/// The texts never depend on the locale. Source: errno(3), specification "conventions" section 2.
/// </summary>
internal static class ErrnoText
{
    // One string per number from 0 on, each ended by NUL; numbers that Linux doesn't use hold an empty string.
    private static ReadOnlySpan<byte> Texts =>
        "Success\0"u8 +
        "Operation not permitted\0"u8 +
        "No such file or directory\0"u8 +
        "No such process\0"u8 +
        "Interrupted system call\0"u8 +
        "Input/output error\0"u8 +
        "No such device or address\0"u8 +
        "Argument list too long\0"u8 +
        "Exec format error\0"u8 +
        "Bad file descriptor\0"u8 +
        "No child processes\0"u8 +
        "Resource temporarily unavailable\0"u8 +
        "Cannot allocate memory\0"u8 +
        "Permission denied\0"u8 +
        "Bad address\0"u8 +
        "Block device required\0"u8 +
        "Device or resource busy\0"u8 +
        "File exists\0"u8 +
        "Invalid cross-device link\0"u8 +
        "No such device\0"u8 +
        "Not a directory\0"u8 +
        "Is a directory\0"u8 +
        "Invalid argument\0"u8 +
        "Too many open files in system\0"u8 +
        "Too many open files\0"u8 +
        "Inappropriate ioctl for device\0"u8 +
        "Text file busy\0"u8 +
        "File too large\0"u8 +
        "No space left on device\0"u8 +
        "Illegal seek\0"u8 +
        "Read-only file system\0"u8 +
        "Too many links\0"u8 +
        "Broken pipe\0"u8 +
        "Numerical argument out of domain\0"u8 +
        "Numerical result out of range\0"u8 +
        "Resource deadlock avoided\0"u8 +
        "File name too long\0"u8 +
        "No locks available\0"u8 +
        "Function not implemented\0"u8 +
        "Directory not empty\0"u8 +
        "Too many levels of symbolic links\0"u8 +
        "\0"u8 +
        "No message of desired type\0"u8 +
        "Identifier removed\0"u8 +
        "Channel number out of range\0"u8 +
        "Level 2 not synchronized\0"u8 +
        "Level 3 halted\0"u8 +
        "Level 3 reset\0"u8 +
        "Link number out of range\0"u8 +
        "Protocol driver not attached\0"u8 +
        "No CSI structure available\0"u8 +
        "Level 2 halted\0"u8 +
        "Invalid exchange\0"u8 +
        "Invalid request descriptor\0"u8 +
        "Exchange full\0"u8 +
        "No anode\0"u8 +
        "Invalid request code\0"u8 +
        "Invalid slot\0"u8 +
        "\0"u8 +
        "Bad font file format\0"u8 +
        "Device not a stream\0"u8 +
        "No data available\0"u8 +
        "Timer expired\0"u8 +
        "Out of streams resources\0"u8 +
        "Machine is not on the network\0"u8 +
        "Package not installed\0"u8 +
        "Object is remote\0"u8 +
        "Link has been severed\0"u8 +
        "Advertise error\0"u8 +
        "Srmount error\0"u8 +
        "Communication error on send\0"u8 +
        "Protocol error\0"u8 +
        "Multihop attempted\0"u8 +
        "RFS specific error\0"u8 +
        "Bad message\0"u8 +
        "Value too large for defined data type\0"u8 +
        "Name not unique on network\0"u8 +
        "File descriptor in bad state\0"u8 +
        "Remote address changed\0"u8 +
        "Can not access a needed shared library\0"u8 +
        "Accessing a corrupted shared library\0"u8 +
        ".lib section in a.out corrupted\0"u8 +
        "Attempting to link in too many shared libraries\0"u8 +
        "Cannot exec a shared library directly\0"u8 +
        "Invalid or incomplete multibyte or wide character\0"u8 +
        "Interrupted system call should be restarted\0"u8 +
        "Streams pipe error\0"u8 +
        "Too many users\0"u8 +
        "Socket operation on non-socket\0"u8 +
        "Destination address required\0"u8 +
        "Message too long\0"u8 +
        "Protocol wrong type for socket\0"u8 +
        "Protocol not available\0"u8 +
        "Protocol not supported\0"u8 +
        "Socket type not supported\0"u8 +
        "Operation not supported\0"u8 +
        "Protocol family not supported\0"u8 +
        "Address family not supported by protocol\0"u8 +
        "Address already in use\0"u8 +
        "Cannot assign requested address\0"u8 +
        "Network is down\0"u8 +
        "Network is unreachable\0"u8 +
        "Network dropped connection on reset\0"u8 +
        "Software caused connection abort\0"u8 +
        "Connection reset by peer\0"u8 +
        "No buffer space available\0"u8 +
        "Transport endpoint is already connected\0"u8 +
        "Transport endpoint is not connected\0"u8 +
        "Cannot send after transport endpoint shutdown\0"u8 +
        "Too many references: cannot splice\0"u8 +
        "Connection timed out\0"u8 +
        "Connection refused\0"u8 +
        "Host is down\0"u8 +
        "No route to host\0"u8 +
        "Operation already in progress\0"u8 +
        "Operation now in progress\0"u8 +
        "Stale file handle\0"u8 +
        "Structure needs cleaning\0"u8 +
        "Not a XENIX named type file\0"u8 +
        "No XENIX semaphores available\0"u8 +
        "Is a named type file\0"u8 +
        "Remote I/O error\0"u8 +
        "Disk quota exceeded\0"u8 +
        "No medium found\0"u8 +
        "Wrong medium type\0"u8 +
        "Operation canceled\0"u8 +
        "Required key not available\0"u8 +
        "Key has expired\0"u8 +
        "Key has been revoked\0"u8 +
        "Key was rejected by service\0"u8 +
        "Owner died\0"u8 +
        "State not recoverable\0"u8 +
        "Operation not possible due to RF-kill\0"u8 +
        "Memory page has hardware error\0"u8;

    /// <summary>The text of an error number; a number outside the table gives <c>Unknown error</c>.</summary>
    internal static ReadOnlySpan<byte> Of(int number)
    {
        ReadOnlySpan<byte> rest = Texts;
        for (int skipped = 0; ; skipped++)
        {
            int end = rest.IndexOf((byte)0);
            if (end < 0)
                return "Unknown error"u8;
            if (skipped == number && end > 0)
                return rest[..end];
            rest = rest[(end + 1)..];
        }
    }
}
