using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>The load information of a 64-bit little-endian ELF file: elf(5).</summary>
internal sealed class ElfFile
{
    private readonly byte[] content;

    internal ElfFile(string path)
    {
        content = File.ReadAllBytes(path);
        Header = Read<FileHeader>(0);
        for (int i = 0; i < Header.ProgramHeaderCount; i++)
            Segments.Add(Read<Segment>(Header.ProgramHeaderOffset + (ulong)(i * Header.ProgramHeaderSize)));
        for (int i = 0; i < Header.SectionCount; i++)
            Sections.Add(Read<Section>(Header.SectionOffset + (ulong)(i * Header.SectionSize)));
        foreach (Segment segment in Segments)
        {
            if (segment.Type == SegmentType.Dynamic)
                ReadDynamic(segment);
        }
    }

    internal FileHeader Header { get; }

    internal List<Segment> Segments { get; } = [];

    internal List<Section> Sections { get; } = [];

    /// <summary>The entries of the dynamic section, tag and value.</summary>
    internal List<DynamicEntry> Dynamic { get; } = [];

    /// <summary>The addresses that are relocated at start.</summary>
    internal IEnumerable<ulong> RelocatedAddresses()
    {
        const int EntrySize = 24;
        ulong table = Dynamic.Find(entry => entry.Tag == DynamicTag.Rela).Value;
        ulong size = Dynamic.Find(entry => entry.Tag == DynamicTag.RelaSize).Value;
        ulong offset = OffsetOf(table);
        for (ulong i = 0; i < size; i += EntrySize)
            yield return Read<ulong>(offset + i);
    }

    /// <summary>The loaded segment that contains an address.</summary>
    internal Segment SegmentOf(ulong address) =>
        Segments.Find(segment => segment.Type == SegmentType.Load && address >= segment.Address && address < segment.Address + segment.MemorySize);

    private ulong OffsetOf(ulong address)
    {
        Segment segment = SegmentOf(address);
        return address - segment.Address + segment.Offset;
    }

    private void ReadDynamic(Segment segment)
    {
        for (ulong offset = segment.Offset; offset < segment.Offset + segment.FileSize; offset += (ulong)Marshal.SizeOf<DynamicEntry>())
        {
            DynamicEntry entry = Read<DynamicEntry>(offset);
            if (entry.Tag == DynamicTag.Null)
                return;
            Dynamic.Add(entry);
        }
    }

    private T Read<T>(ulong offset) where T : struct => MemoryMarshal.Read<T>(content.AsSpan((int)offset));

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct FileHeader
    {
        internal readonly ulong Magic, Padding;
        internal readonly ushort Type, Machine;
        internal readonly uint Version;
        internal readonly ulong Entry, ProgramHeaderOffset, SectionOffset;
        internal readonly uint Flags;
        internal readonly ushort HeaderSize, ProgramHeaderSize, ProgramHeaderCount, SectionSize, SectionCount, SectionNames;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Segment
    {
        internal readonly SegmentType Type;
        internal readonly SegmentFlags Flags;
        internal readonly ulong Offset, Address, PhysicalAddress, FileSize, MemorySize, Alignment;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct Section
    {
        internal readonly uint Name;
        internal readonly SectionType Type;
        internal readonly ulong Flags, Address, Offset, Size;
        internal readonly uint Link, Info;
        internal readonly ulong Alignment, EntrySize;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal readonly struct DynamicEntry
    {
        internal readonly DynamicTag Tag;
        internal readonly ulong Value;
    }

    internal enum SegmentType : uint { Load = 1, Dynamic = 2, Interpreter = 3, Stack = 0x6474E551, ReadOnlyAfterRelocation = 0x6474E552 }

    [Flags]
    internal enum SegmentFlags : uint { Executable = 1, Writable = 2, Readable = 4 }

    internal enum SectionType : uint { SymbolTable = 2 }

    internal enum DynamicTag : long { Null = 0, Needed = 1, Rela = 7, RelaSize = 8, TextRelocations = 22, Flags = 30, Flags1 = 0x6FFFFFFB }
}
