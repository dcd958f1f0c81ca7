using System;
using LocalService.CommandLine;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>The command line of the gate. Specification "access", section 1.</summary>
internal unsafe struct AccessOptions
{
    /// <summary>From 1 on an allow is reported, from 2 on a denial too.</summary>
    internal uint Verbosity { get; private set; }

    /// <summary>Whether the program gets the local path in its environment, or no trace of the connection at all.</summary>
    internal bool SetsEnvironment { get; private set; }

    /// <summary>What is given out as the local path; null to ask the kernel.</summary>
    internal byte* LocalName { get; private set; }

    internal RuleSource Rules { get; private set; }

    /// <summary>The program to execute for a client that is let in.</summary>
    internal Words Next { get; private set; }

    /// <summary>False when the command line is wrong.</summary>
    internal static bool TryParse(Words words, out AccessOptions options)
    {
        options = new AccessOptions { Verbosity = 1, SetsEnvironment = true };
        var parser = new OptionParser(words, "v:eEl:i:x:"u8);
        while (true)
        {
            switch (parser.Next())
            {
                case (byte)'v' when Numbers.TryParse(parser.Argument, out uint verbosity):
                    options.Verbosity = verbosity;
                    break;
                case (byte)'e':
                    options.SetsEnvironment = true;
                    break;
                case (byte)'E':
                    options.SetsEnvironment = false;
                    break;
                case (byte)'l':
                    options.LocalName = parser.ArgumentPointer;
                    break;
                case (byte)'i':
                    options.Rules = RuleSource.Directory(parser.ArgumentPointer);
                    break;
                case (byte)'x':
                    options.Rules = RuleSource.Database(parser.ArgumentPointer);
                    break;
                case OptionParser.End:
                    options.Next = parser.Rest;
                    return options.Next.Count > 0 && !options.Next[0].IsEmpty;
                default:
                    return false;
            }
        }
    }
}
