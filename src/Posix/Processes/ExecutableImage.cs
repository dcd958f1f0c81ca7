using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>The parts of this executable's file that the kernel has mapped: constants, code, variables.</summary>
internal static unsafe class ExecutableImage
{
    private const nuint PieceSize = 8 * 1024;

    /// <summary>
    /// Releases the memory of code and constants that only the start of a server needed. They aren't lost: pages that are needed after all come back
    /// from the file, as they came at first. A failure only means that the memory stays in use.
    /// </summary>
    /// <remarks>
    /// When a page is touched, the kernel maps its neighbors too, within the same mapping. The native build puts the code that the loop of a server
    /// reaches in front of <see cref="Border"/>, see src/CoreLib/native.ld; a different advice for the rest makes that a separate mapping.
    /// </remarks>
    internal static void DropStart() => Drop(hasBorder: true);

    /// <summary>
    /// The same for a daemon whose code may lie anywhere: every other piece of the file gets a different advice, so that a page comes back only with
    /// the neighbors in its piece.
    /// </summary>
    internal static void DropInPieces() => Drop(hasBorder: false);

    private static void Drop(bool hasBorder)
    {
        var headers = (libc.Elf64_Phdr*)libc.getauxval(libc.AT_PHDR);
        nuint count = libc.getauxval(libc.AT_PHNUM);
        nuint page = libc.getauxval(libc.AT_PAGESZ);
        nuint imageStart = 0;
        for (nuint i = 0; i < count; i++)
        {
            if (headers[i].p_type == libc.PT_PHDR)
                imageStart = (nuint)headers - (nuint)headers[i].p_vaddr;
            if (headers[i].p_type != libc.PT_LOAD || (headers[i].p_flags & libc.PF_W) != 0 || imageStart == 0)
                continue;
            nuint start = (imageStart + (nuint)headers[i].p_vaddr) & ~(page - 1);
            nuint end = imageStart + (nuint)headers[i].p_vaddr + (nuint)headers[i].p_memsz;
            // Until the advice differs, this code brings its neighbors back, so the advice comes first. The kernel rounds lengths up to pages; the
            // next segment begins on another page.
            nuint border = ((nuint)(delegate*<void>)&Border + page - 1) & ~(page - 1);
            nuint cold = hasBorder && border > start && border < end ? border : end;
            for (nuint piece = start; piece < cold; piece += 2 * PieceSize)
                _ = LibC.madvise((void*)piece, (size_t)(cold - piece < PieceSize ? cold - piece : PieceSize), LibC.MADV_RANDOM);
            // A third advice: the last piece may have either of the other two, and would merge with the mapping behind it.
            if (cold < end)
                _ = LibC.madvise((void*)cold, (size_t)(end - cold), LibC.MADV_SEQUENTIAL);
            _ = LibC.madvise((void*)start, (size_t)(end - start), LibC.MADV_DONTNEED);
        }
    }

    /// <summary>Marks the end of the code that servers need after their start. It is never called.</summary>
    private static void Border()
    {
    }
}
