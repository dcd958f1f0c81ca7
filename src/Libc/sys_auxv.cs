using System.Runtime.InteropServices;

namespace LocalService.Libc;

/// <summary>sys/auxv.h: the values that the kernel passes to a program at start.</summary>
internal static partial class libc
{
    public const nuint AT_PHDR = 3;
    public const nuint AT_PHNUM = 5;
    public const nuint AT_PAGESZ = 6;
    public const nuint AT_SECURE = 23;
    public const nuint AT_MINSIGSTKSZ = 51;
    public const nuint AT_RANDOM = 25;
    public const nuint AT_EXECFN = 31;

    [DllImport("libc"), SuppressGCTransition] public static extern nuint getauxval(nuint type);
}
