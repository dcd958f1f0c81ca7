using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>The code of this executable in the memory of the process.</summary>
internal static unsafe class ExecutableCode
{
    // What the kernel maps together, and what the layout of the executable goes by: see src/CoreLib/native.ld.
    private const nuint Window = 64 * 1024;

    /// <summary>
    /// Gives back the memory of code that only the start of a server needs, and of other roles. It isn't gone: what is needed after all comes
    /// back from the file, as it came at first. A failure means nothing but that the memory stays in use.
    /// </summary>
    internal static void DropAllButTheFirstWindow()
    {
        var headers = (libc.Elf64_Phdr*)libc.getauxval(libc.AT_PHDR);
        nuint count = libc.getauxval(libc.AT_PHNUM);
        nuint imageStart = 0;
        for (nuint i = 0; i < count; i++)
        {
            if (headers[i].p_type == libc.PT_PHDR)
                imageStart = (nuint)headers - (nuint)headers[i].p_vaddr;
            if (headers[i].p_type != libc.PT_LOAD || (headers[i].p_flags & libc.PF_X) == 0 || imageStart == 0)
                continue;
            nuint start = imageStart + (nuint)headers[i].p_vaddr;
            nuint end = start + (nuint)headers[i].p_memsz;
            nuint first = (start + Window - 1) & ~(Window - 1);
            // The end is rounded up to a page by the kernel; what follows the code begins at another one.
            if (first < end)
                _ = libc.madvise((void*)first, end - first, libc.MADV_DONTNEED);
        }
    }
}
