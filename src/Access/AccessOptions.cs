using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Rules;

namespace LocalService.Access;

/// <summary>The command line of the gate. Specification "access", section 1.</summary>
internal struct AccessOptions
{
    /// <summary>At 1 or higher an allow is reported, at 2 or higher a denial too.</summary>
    internal uint Verbosity { get; private set; }

    /// <summary>Whether the program gets the local path in its environment, or no variable of the connection at all.</summary>
    internal bool SetsEnvironment { get; private set; }

    /// <summary>The local path to pass on; null to ask the kernel.</summary>
    internal CString LocalName { get; private set; }

    /// <summary>The line that a client gets before it is refused; null: none.</summary>
    internal CString Farewell { get; private set; }

    internal RuleSource Rules { get; private set; }

    /// <summary>Whether to accept a client whose id may be the overflow id: <see cref="UnmappedIds"/>.</summary>
    internal bool UnmappedIdsCount { get; private set; }

    /// <summary>Whether the connection is standard input and the kernel identifies the client; otherwise the environment does.</summary>
    internal bool AsksKernel { get; private set; }

    /// <summary>Whether the program gets a descriptor of the client's process.</summary>
    internal bool GivesProcess { get; private set; }

    /// <summary>
    /// Whether the gate has to run as a process, not inside a server: it needs the connection as standard input, or opens a descriptor for one
    /// program alone.
    /// </summary>
    internal readonly bool NeedsProcess => AsksKernel || GivesProcess;

    /// <summary>The program to execute for a client that is let in.</summary>
    internal Words Next { get; private set; }

    /// <summary>Reads the command line.</summary>
    internal static AccessOptions Read(ref OptionReader reader)
    {
        var options = new AccessOptions { Verbosity = 1, SetsEnvironment = true };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'v': options.Verbosity = reader.Number(); break;
                case 'e': options.SetsEnvironment = true; break;
                case 'E': options.SetsEnvironment = false; break;
                case '0': options.AsksKernel = true; break;
                case 'f': options.GivesProcess = true; break;
                case 'n': options.UnmappedIdsCount = true; break;
                case 'l': options.LocalName = reader.ArgumentPointer; break;
                case 'm': options.Farewell = reader.ArgumentPointer; break;
                case 'i': options.Rules = RuleSource.Directory(reader.ArgumentPointer); break;
                case 'x': options.Rules = RuleSource.Database(reader.ArgumentPointer); break;
            }
        }
        options.Next = reader.NamedProgram();
        return options;
    }
}
