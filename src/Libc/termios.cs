namespace LocalService.Libc;

/// <summary>termios.h, in the kernel's layout: the calls are ioctl(2).</summary>
internal static unsafe partial class libc
{
    public const int TCGETS = 0x5401;
    public const int TCSETS = 0x5402;
    public const uint ICANON = 2;
    public const uint ECHO = 8;

    /// <summary>struct termios of the kernel, which is shorter than that of libc.</summary>
    public struct ktermios
    {
        public uint c_iflag;
        public uint c_oflag;
        public uint c_cflag;
        public uint c_lflag;
        public byte c_line;
        public fixed byte c_cc[19];
    }
}
