namespace LocalService.Libc;

/// <summary>elf.h</summary>
internal static partial class libc
{
    public const uint PT_LOAD = 1;
    public const uint PT_PHDR = 6;
    public const uint PF_W = 2;

    /// <summary>Elf64_Phdr: a program header, elf(5).</summary>
    public struct Elf64_Phdr
    {
        public uint p_type;
        public uint p_flags;
        public ulong p_offset;
        public ulong p_vaddr;
        public ulong p_paddr;
        public ulong p_filesz;
        public ulong p_memsz;
        public ulong p_align;
    }
}
