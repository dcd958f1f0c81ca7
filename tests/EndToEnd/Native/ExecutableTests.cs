using System.IO;
using System.Linq;
using Xunit;
using static LocalService.Tests.EndToEnd.Native.ElfFile;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>The executable as a file: static, small, hardened.</summary>
public sealed class ExecutableTests
{
    private const long LargestSize = 640 * 1024;
    private const ushort SharedObject = 3; // also the type of a position-independent executable
    private const ulong BindNow = 8;
    private const ulong Now = 1;
    private const ulong PositionIndependent = 0x0800_0000;

    private readonly ElfFile elf = new(ProgramsUnderTest.Executable);

    [Fact]
    public void Needs_nothing_else()
    {
        Assert.DoesNotContain(elf.Segments, segment => segment.Type == SegmentType.Interpreter);
        Assert.DoesNotContain(elf.Dynamic, entry => entry.Tag == DynamicTag.Needed);
    }

    [Fact]
    public void Can_be_loaded_anywhere()
    {
        Assert.Equal(SharedObject, elf.Header.Type);
        Assert.Contains(elf.Dynamic, entry => entry.Tag == DynamicTag.Flags1 && (entry.Value & PositionIndependent) != 0);
    }

    [Fact]
    public void Is_bound_at_start()
    {
        Assert.Contains(elf.Dynamic, entry => entry.Tag == DynamicTag.Flags && (entry.Value & BindNow) != 0);
        Assert.Contains(elf.Dynamic, entry => entry.Tag == DynamicTag.Flags1 && (entry.Value & Now) != 0);
    }

    [Fact]
    public void Nothing_is_both_writable_and_executable()
    {
        Assert.DoesNotContain(elf.Segments, segment => segment.Flags.HasFlag(SegmentFlags.Writable | SegmentFlags.Executable));
        Segment stack = Assert.Single(elf.Segments, segment => segment.Type == SegmentType.Stack);
        Assert.False(stack.Flags.HasFlag(SegmentFlags.Executable));
    }

    /// <summary>
    /// Constants that other programs protect after relocation (PT_GNU_RELRO) are never writable here, because nothing in them is relocated.
    /// </summary>
    [Fact]
    public void Constants_are_never_writable()
    {
        Segment dynamic = Assert.Single(elf.Segments, segment => segment.Type == SegmentType.Dynamic);
        Assert.False(elf.SegmentOf(dynamic.Address).Flags.HasFlag(SegmentFlags.Writable));
        Assert.DoesNotContain(elf.Dynamic, entry => entry.Tag == DynamicTag.TextRelocations);
        Assert.NotEmpty(elf.RelocatedAddresses());
        Assert.All(elf.RelocatedAddresses(), address => Assert.True(elf.SegmentOf(address).Flags.HasFlag(SegmentFlags.Writable)));
    }

    [Fact]
    public void Is_small_and_stripped()
    {
        Assert.InRange(new FileInfo(ProgramsUnderTest.Executable).Length, 1, LargestSize);
        Assert.DoesNotContain(elf.Sections, section => section.Type == SectionType.SymbolTable);
        Assert.True(File.Exists(ProgramsUnderTest.Executable + ".debug"), "the debug symbols belong beside it");
    }
}
