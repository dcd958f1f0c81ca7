using System;
using LocalService.Errors;
using LocalService.Libc;

namespace LocalService.Rules;

/// <summary>The security label that a client had when it called connect(2), which a security module gives: SELinux, Smack, AppArmor.</summary>
internal static unsafe class PeerLabel
{
    /// <summary>The longest label that can be the name of a rule, in bytes: NAME_MAX.</summary>
    internal const int Longest = 255;

    /// <summary>The name of the call in messages.</summary>
    internal static ReadOnlySpan<byte> Call => "getsockopt SO_PEERSEC"u8;

    /// <summary>
    /// Asks the kernel: SO_PEERSEC, unix(7). ENOPROTOOPT where there is no security module, or none that labels clients; ERANGE for a label
    /// that is longer than the memory for it.
    /// </summary>
    /// <param name="socket">The connection.</param>
    /// <param name="buffer">Memory for the label, and for the NUL that most modules put behind it.</param>
    /// <returns>The length of the label, without that NUL.</returns>
    internal static Result<int> Read(int socket, Span<byte> buffer)
    {
        uint size = (uint)buffer.Length;
        int result;
        fixed (byte* text = buffer)
            result = libc.getsockopt(socket, libc.SOL_SOCKET, libc.SO_PEERSEC, text, &size);
        if (result < 0)
            return Errno.Last;
        if (size > (uint)buffer.Length)
            return new Errno(libc.ERANGE);
        return (int)size - (size > 0 && buffer[(int)size - 1] == 0 ? 1 : 0);
    }

    /// <summary>Whether a label can be the name of a rule, which is the name of a file that doesn't begin with a dot, without control bytes.</summary>
    internal static bool IsUsable(ReadOnlySpan<byte> label)
    {
        bool isUsable = label.Length is > 0 and <= Longest && label[0] != (byte)'.';
        foreach (byte character in label)
            isUsable &= character is >= (byte)' ' and not 127 and not (byte)'/';
        return isUsable;
    }
}
