using System;
using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>The command line of sudo, and what it becomes.</summary>
internal unsafe ref struct SudoOptions
{
    private const uint StartVerbosity = 1;
    private const uint LargestVerbosity = 4;

    // Everything besides the arguments: two programs, -v three times or -Q, three options with arguments, -e, the path, two --.
    private const int MostOwnWords = 20;

    private byte* path;
    private byte* bindPath;
    private byte* localName;
    private bool hidesEnvironment;
    private uint verbosity;
    private uint connectMilliseconds;
    private uint runMilliseconds;
    private Words arguments;

    /// <summary>Reads the command line; false when it is wrong.</summary>
    internal static bool TryParse(Words words, out SudoOptions options)
    {
        options = default;
        options.verbosity = StartVerbosity;
        var parser = new OptionParser(words, "qQvp:l:et:T:"u8);
        byte letter;
        while ((letter = parser.Next()) != OptionParser.End)
        {
            if (!options.Apply(letter, parser))
                return false;
        }
        if (parser.Rest.Count == 0)
            return false;
        options.path = parser.Rest.Pointer(0);
        options.arguments = parser.Rest.From(1);
        return true;
    }

    /// <summary>The command line that sudo becomes: connect, then be the client on that connection.</summary>
    internal readonly WordList ToCommand()
    {
        var command = new WordList(MostOwnWords + arguments.Count);
        command.AddRole("s6-ipcclient"u8);
        if (verbosity == 0)
            command.Add("-Q"u8);
        for (uint level = StartVerbosity; level < verbosity && level < LargestVerbosity; level++)
            command.Add("-v"u8);
        AddOption(ref command, "-p"u8, bindPath);
        AddOption(ref command, "-l"u8, localName);
        command.Add("--"u8);
        command.Add(path);
        command.AddRole("s6-sudoc"u8);
        if (hidesEnvironment)
            command.Add("-e"u8);
        AddOption(ref command, "-t"u8, connectMilliseconds);
        AddOption(ref command, "-T"u8, runMilliseconds);
        command.Add("--"u8);
        command.Add(arguments);
        return command;
    }

    private static void AddOption(ref WordList command, ReadOnlySpan<byte> option, byte* argument)
    {
        if (argument == null)
            return;
        command.Add(option);
        command.Add(argument);
    }

    private static void AddOption(ref WordList command, ReadOnlySpan<byte> option, uint number)
    {
        command.Add(option);
        command.Add(Numbers.Decimal(number, stackalloc byte[Numbers.LongestText]));
    }

    private bool Apply(byte letter, OptionParser parser)
    {
        switch (letter)
        {
            case (byte)'q':
                verbosity -= verbosity > 0 ? 1u : 0;
                return true;
            case (byte)'Q':
                verbosity = StartVerbosity;
                return true;
            case (byte)'v':
                verbosity++;
                return true;
            case (byte)'p':
                bindPath = parser.ArgumentPointer;
                return true;
            case (byte)'l':
                localName = parser.ArgumentPointer;
                return true;
            case (byte)'e':
                hidesEnvironment = true;
                return true;
            case (byte)'t':
                return Numbers.TryParse(parser.Argument, out connectMilliseconds);
            case (byte)'T':
                return Numbers.TryParse(parser.Argument, out runMilliseconds);
            default:
                return false;
        }
    }
}
