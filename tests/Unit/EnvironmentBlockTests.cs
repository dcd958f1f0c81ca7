using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class EnvironmentBlockTests
{
    // Few names, so that they collide. Some are a prefix of another, some empty; some entries have no '=' or several.
    private static readonly Gen<string> entries = Gen.Elements(
        "A=1", "A=", "A=2=3", "AB=1", "B=x", "B=y", "NOEQ", "A", "=empty", "", "C=\u00ff", "LONG=" + new string('l', 300));

    private static readonly Gen<string> edits = Gen.Elements("A=new", "A", "AB=", "AB", "B=b=c", "B", "C", "=e", "", "D=1", "D", "NOEQ=1", "NOEQ", "AA");

    [Fact]
    public unsafe void EditsAgreeWithTheModel() => Properties.ForAll(
        Properties.List(entries, 10),
        Properties.List(edits, 40),
        (start, changes) =>
        {
            byte** original = Properties.ToNativeList(start);
            var block = new EnvironmentBlock(original);
            List<string> model = [.. start];
            foreach (string change in changes)
            {
                block.Apply(change.ToBytes());
                Apply(model, change);
                Assert.Equal(model, Properties.ToTexts(block.List));
                Assert.Equal(model.Count, block.Count);
            }
            Assert.Equal(start, Properties.ToTexts(original));
        },
        runs: 3000);

    [Fact]
    public unsafe void TheFirstEntryOfANameIsItsValue() => Properties.ForAll(Properties.List(entries, 10), start =>
    {
        var block = new EnvironmentBlock(Properties.ToNativeList(start));
        foreach (string name in (string[])["A", "AB", "B", "C", "", "NOEQ", "LONG", "none"])
        {
            string? expected = start.FirstOrDefault(entry => IsNamed(entry, name))?[(name.Length + 1)..];
            bool found = block.TryGet(name.ToBytes(), out ReadOnlySpan<byte> value);
            Assert.Equal(expected is not null, found);
            Assert.Equal(expected ?? "", value.ToText());
        }
    });

    [Fact]
    public unsafe void EntriesOfACopyDoNotChangeTheOther()
    {
        var block = new EnvironmentBlock(Properties.ToNativeList(["A=1", "B=2"]));
        EnvironmentBlock copy = block;
        copy.Set("A"u8, "9"u8);
        Assert.Equal(["A=1", "B=2"], Properties.ToTexts(block.List));
        Assert.Equal(["B=2", "A=9"], Properties.ToTexts(copy.List));
    }

    private static void Apply(List<string> model, string edit)
    {
        int separator = edit.IndexOf('=');
        string name = separator < 0 ? edit : edit[..separator];
        // Decision 7: every copy. The last entry moves into each hole.
        for (int hole = model.FindIndex(entry => IsNamed(entry, name)); hole >= 0; hole = model.FindIndex(entry => IsNamed(entry, name)))
        {
            model[hole] = model[^1];
            model.RemoveAt(model.Count - 1);
        }
        if (separator >= 0)
            model.Add(edit);
    }

    private static bool IsNamed(string entry, string name) => entry.StartsWith(name + "=", StringComparison.Ordinal);
}
