using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Sudo;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The client's message of sudo. Specification "sudo", section 4.1.</summary>
public sealed unsafe class SudoRequestTests
{
    private const int HeaderSize = 31;

    private static readonly Gen<string> words = Gen.Elements("", "x", "y z", "A=1", "OPEN=", "=x", "=", new string('l', 300), "\u00ff");
    private static readonly Gen<string> variables = Gen.Elements("A=1", "B=", "=x", "=", "C=2=3", "LONG=" + new string('v', 300), "\u00ff=\u00fe");

    [Fact]
    public void What_is_written_is_read() => Properties.ForAll(
        Properties.List(words, 8),
        Properties.List(variables, 8),
        (arguments, environment) =>
        {
            byte[] message = RequestText.Of(
                new Words(Properties.ToNativeList(arguments)), new EnvironmentBlock(Properties.ToNativeList(environment))).ToArray();
            Assert.Equal(Encode(arguments, environment), message);
            Assert.Equal(RequestFault.None, SudoRequest.Parse(message, 3, hasProgram: true, out SudoRequest request));
            Assert.Equal(arguments, Texts(request.Arguments));
            Assert.Equal(environment, Texts(request.Variables));
        });

    [Fact]
    public void Entries_without_name_are_not_sent()
    {
        ReadOnlySpan<byte> message = RequestText.Of(
            new Words(Properties.ToNativeList([])), new EnvironmentBlock(Properties.ToNativeList(["NOEQ", "A=1", "", "B=2"])));
        Assert.Equal(Encode([], ["A=1", "B=2"]), message.ToArray());
    }

    [Theory]
    [InlineData(0, RequestFault.WrongDescriptorCount)]
    [InlineData(1, RequestFault.WrongDescriptorCount)]
    [InlineData(2, RequestFault.WrongDescriptorCount)]
    [InlineData(3, RequestFault.None)]
    [InlineData(4, RequestFault.WrongDescriptorCount)]
    [InlineData(253, RequestFault.WrongDescriptorCount)]
    public void Three_descriptors_belong_to_it(int count, object expected) =>
        Assert.Equal(expected, SudoRequest.Parse(Encode(["x"], []), count, hasProgram: true, out _));

    [Fact]
    public void Every_prefix_is_refused()
    {
        byte[] message = Encode(["x", "y z"], ["A=1", "B=two"]);
        for (int length = 0; length < message.Length; length++)
        {
            RequestFault expected = length < HeaderSize ? RequestFault.TooShort : RequestFault.WrongSize;
            Assert.Equal(expected, SudoRequest.Parse(message.AsSpan(0, length), 3, hasProgram: true, out _));
        }
    }

    [Fact]
    public void Lengths_that_wrap_around_are_refused()
    {
        byte[] message = Encode(["x"], ["A=1"]);
        Patch(message, 23, uint.MaxValue);
        Patch(message, 27, 7); // the sum wraps around to 6, the actual length
        Assert.Equal(RequestFault.WrongSize, SudoRequest.Parse(message, 3, hasProgram: true, out _));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(19)]
    public void Counts_have_a_limit(int offset)
    {
        byte[] message = Encode(["x"], ["A=1"]);
        Patch(message, offset, 131072);
        Assert.NotEqual(RequestFault.TooManyStrings, SudoRequest.Parse(message, 3, hasProgram: true, out _));
        Patch(message, offset, 131073);
        Assert.Equal(RequestFault.TooManyStrings, SudoRequest.Parse(message, 3, hasProgram: true, out _));
    }

    [Fact]
    public void Something_has_to_be_run()
    {
        Assert.Equal(RequestFault.NothingToRun, SudoRequest.Parse(Encode([], []), 3, hasProgram: false, out _));
        Assert.Equal(RequestFault.None, SudoRequest.Parse(Encode([], []), 3, hasProgram: true, out _));
        Assert.Equal(RequestFault.None, SudoRequest.Parse(Encode([""], []), 3, hasProgram: false, out _));
    }

    [Theory]
    [InlineData("x\0y", 2, RequestFault.BadArguments)] // the last one without NUL
    [InlineData("x\0y\0", 3, RequestFault.BadArguments)]
    [InlineData("", 1, RequestFault.BadArguments)]
    [InlineData("x\0y", 1, RequestFault.None)] // bytes after the counted strings are ignored
    [InlineData("xy", 0, RequestFault.None)]
    [InlineData("x\0y\0", 1, RequestFault.None)]
    public void Arguments_are_all_there(string text, uint count, object expected)
    {
        byte[] message = [.. Encode([], []), .. text.ToBytes()];
        Patch(message, 15, count);
        Patch(message, 23, (uint)text.Length);
        Assert.Equal(expected, SudoRequest.Parse(message, 3, hasProgram: true, out SudoRequest request));
        if (expected is RequestFault.None)
            Assert.Equal(text.Split('\0')[..(int)count], Texts(request.Arguments));
    }

    [Theory]
    [InlineData("A=1\0B=2", 2, RequestFault.BadVariables)]
    [InlineData("", 1, RequestFault.BadVariables)]
    [InlineData("\0", 1, RequestFault.VariableWithoutName)]
    [InlineData("A=1\0B\0", 2, RequestFault.VariableWithoutName)]
    [InlineData("A=1\0B\0", 1, RequestFault.None)]
    public void Variables_are_all_there_and_have_names(string text, uint count, object expected)
    {
        byte[] message = [.. Encode([], []), .. text.ToBytes()];
        Patch(message, 19, count);
        Patch(message, 27, (uint)text.Length);
        Assert.Equal(expected, SudoRequest.Parse(message, 3, hasProgram: true, out _));
    }

    /// <summary>100,000 messages, most of them damaged, against a model of the rules. The last one's bytes are the end of the memory.</summary>
    [Fact]
    public void Damaged_messages_are_judged_by_the_rules()
    {
        var random = new Random(20261122);
        var seen = new HashSet<RequestFault>();
        for (int i = 0; i < 100_000; i++)
        {
            string[] arguments = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Pick(random, "", "x", "sh", "y z"))];
            string[] environment = [.. Enumerable.Range(0, random.Next(4)).Select(_ => Pick(random, "A=1", "B=", "=x", "OPEN=first"))];
            byte[] message = Damage(Encode(arguments, environment), random);
            int descriptors = random.Next(10) == 0 ? random.Next(254) : 3;
            bool hasProgram = random.Next(2) == 0;
            RequestFault expected = Judge(message, descriptors, hasProgram);
            RequestFault fault = SudoRequest.Parse(message, descriptors, hasProgram, out SudoRequest request);
            Assert.True(expected == fault, $"{expected}, not {fault}: {Convert.ToHexString(message)} {descriptors} {hasProgram}");
            _ = seen.Add(fault);
            if (fault == RequestFault.None)
                _ = Texts(request.Arguments).Count + Texts(request.Variables).Count;
        }
        Assert.Equal(Enum.GetValues<RequestFault>().Order(), seen.Order());
    }

    private static RequestFault Judge(byte[] message, int descriptors, bool hasProgram)
    {
        if (descriptors != 3)
            return RequestFault.WrongDescriptorCount;
        if (message.Length < HeaderSize)
            return RequestFault.TooShort;
        if (!message.Take(15).SequenceEqual("s6-sudo a v1.0\n".ToBytes()))
            return RequestFault.WrongBanner;
        uint[] numbers = [.. Enumerable.Range(0, 4).Select(i => BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(15 + 4 * i)))];
        if ((long)HeaderSize + numbers[2] + numbers[3] != message.Length)
            return RequestFault.WrongSize;
        if (numbers[0] > 131072 || numbers[1] > 131072)
            return RequestFault.TooManyStrings;
        if (numbers[0] == 0 && !hasProgram)
            return RequestFault.NothingToRun;
        string[] arguments = Ended(message.AsSpan(HeaderSize, (int)numbers[2]));
        string[] environment = Ended(message.AsSpan(HeaderSize + (int)numbers[2]));
        if (arguments.Length < numbers[0])
            return RequestFault.BadArguments;
        if (environment.Length < numbers[1])
            return RequestFault.BadVariables;
        return environment.Take((int)numbers[1]).All(entry => entry.Contains('=')) ? RequestFault.None : RequestFault.VariableWithoutName;
    }

    /// <summary>The NUL-terminated strings.</summary>
    private static string[] Ended(ReadOnlySpan<byte> text) => ((ReadOnlySpan<byte>)text.ToArray()).ToText().Split('\0')[..^1];

    private static byte[] Damage(byte[] message, Random random)
    {
        for (int damages = random.Next(4); damages > 0; damages--)
        {
            int place = random.Next(message.Length + 1);
            switch (random.Next(6))
            {
                case 0:
                    message = message[..place];
                    break;
                case 1:
                    message = [.. message[..place], (byte)random.Next(256), .. message[place..]];
                    break;
                case 2 when message.Length > HeaderSize:
                    message[random.Next(HeaderSize, message.Length)] = Pick<byte>(random, 0, 0, (byte)'=', (byte)'x');
                    break;
                case 3 when message.Length >= HeaderSize:
                    int number = 15 + 4 * random.Next(4);
                    uint value = BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(number));
                    Patch(message, number, Pick<uint>(random, value + 1, value - 1, 0, 131072, 131073, uint.MaxValue, (uint)random.Next()));
                    break;
                case 4 when message.Length >= HeaderSize:
                    // Moves the border between the strings: bytes change sides.
                    int moved = random.Next(-8, 8);
                    Patch(message, 23, (uint)(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(23)) + moved));
                    Patch(message, 27, (uint)(BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(27)) - moved));
                    break;
                case 5 when place < message.Length:
                    message[place] = (byte)random.Next(256);
                    break;
            }
        }
        return message;
    }

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];

    private static void Patch(byte[] message, int offset, uint number) => BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(offset), number);

    private static byte[] Encode(string[] arguments, string[] environment)
    {
        byte[] argumentText = string.Concat(arguments.Select(text => text + "\0")).ToBytes();
        byte[] variableText = string.Concat(environment.Select(text => text + "\0")).ToBytes();
        byte[] message = [.. "s6-sudo a v1.0\n".ToBytes(), .. new byte[16], .. argumentText, .. variableText];
        Patch(message, 15, (uint)arguments.Length);
        Patch(message, 19, (uint)environment.Length);
        Patch(message, 23, (uint)argumentText.Length);
        Patch(message, 27, (uint)variableText.Length);
        return message;
    }

    private static List<string> Texts(RequestStrings strings)
    {
        var texts = new List<string>();
        while (strings.MoveNext())
            texts.Add(strings.Current[..^1].ToText());
        return texts;
    }
}
