using System;
using LocalService.CommandLine;
using LocalService.Memory;

namespace LocalService.Sudo;

/// <summary>The command line of sudo, and the command line that it becomes.</summary>
internal unsafe ref struct SudoOptions
{
    private const uint StartVerbosity = 1;
    private const uint LargestVerbosity = 4;

    // All words besides the arguments: two programs, -v three times or -Q, three options with arguments, -e, the path, two --.
    private const int MostOwnWords = 20;

    private CString path;
    private CString bindPath;
    private CString localName;
    private bool hidesEnvironment;
    private uint verbosity;
    private uint connectMilliseconds;
    private uint runMilliseconds;
    private Words arguments;

    /// <summary>Reads the command line.</summary>
    internal static SudoOptions Read(ref OptionReader reader)
    {
        var options = new SudoOptions { verbosity = StartVerbosity };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'q': options.verbosity -= options.verbosity > 0 ? 1u : 0; break;
                case 'Q': options.verbosity = StartVerbosity; break;
                case 'v': options.verbosity++; break;
                case 'p': options.bindPath = reader.ArgumentPointer; break;
                case 'l': options.localName = reader.ArgumentPointer; break;
                case 'e': options.hidesEnvironment = true; break;
                case 't': options.connectMilliseconds = reader.Number(); break;
                case 'T': options.runMilliseconds = reader.Number(); break;
            }
        }
        options.path = reader.OperandPointer();
        options.arguments = reader.Rest;
        return options;
    }

    /// <summary>The command line that sudo becomes: connect, then run the client on that connection.</summary>
    internal readonly WordList ToCommand()
    {
        var command = new WordList(MostOwnWords + arguments.Count);
        command.AddRole("s6-ipcclient"u8);
        if (verbosity == 0)
            command.Add("-Q"u8);
        for (uint level = StartVerbosity; level < verbosity && level < LargestVerbosity; level++)
            command.Add("-v"u8);
        command.Add("-p"u8, bindPath);
        command.Add("-l"u8, localName);
        command.Add("--"u8);
        command.Add(path);
        command.AddRole("s6-sudoc"u8);
        if (hidesEnvironment)
            command.Add("-e"u8);
        command.Add("-t"u8, connectMilliseconds);
        command.Add("-T"u8, runMilliseconds);
        command.Add("--"u8);
        command.Add(arguments);
        return command;
    }

}
