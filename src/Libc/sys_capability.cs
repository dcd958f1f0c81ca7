using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>linux/capability.h: capget(2), version 3, in which each set is two words of 32 bits.</summary>
internal static unsafe partial class libc
{
    public const uint _LINUX_CAPABILITY_VERSION_3 = 0x2008_0522;

    public struct cap_user_header_t
    {
        public uint version;
        public int pid;
    }

    public struct cap_user_data_t
    {
        public uint effective;
        public uint permitted;
        public uint inheritable;
    }

    [DllImport("libc"), SuppressGCTransition] public static extern int capget(cap_user_header_t* header, cap_user_data_t* data);
    [DllImport("libc"), SuppressGCTransition] public static extern int capset(cap_user_header_t* header, cap_user_data_t* data);
}
