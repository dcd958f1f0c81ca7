using System;
using LocalService.CommandLine;

namespace LocalService.Client;

/// <summary>The command line of ipcclient.</summary>
internal ref struct IpcClientOptions
{
    private const uint StartVerbosity = 1;

    internal uint Verbosity { get; private set; }

    /// <summary>The longest time to wait for the connection; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>How long to wait for a server that isn't running yet, in milliseconds; 0: not at all.</summary>
    internal uint Wait { get; private set; }

    /// <summary>Whether to bind the socket to a path, <see cref="BindPath"/>.</summary>
    internal bool Binds { get; private set; }

    internal ReadOnlySpan<byte> BindPath { get; private set; }

    /// <summary>Whether the user gives the local path, <see cref="LocalName"/>.</summary>
    internal bool NamesLocal { get; private set; }

    internal ReadOnlySpan<byte> LocalName { get; private set; }

    /// <summary>The path to connect to.</summary>
    internal ReadOnlySpan<byte> Path { get; private set; }

    /// <summary>The program that gets the connection.</summary>
    internal Words Command { get; private set; }

    /// <summary>Reads the command line.</summary>
    internal static IpcClientOptions Read(ref OptionReader reader)
    {
        var options = new IpcClientOptions { Verbosity = StartVerbosity };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'q': options.Verbosity -= options.Verbosity > 0 ? 1u : 0; break;
                case 'Q': options.Verbosity = StartVerbosity; break;
                case 'v': options.Verbosity++; break;
                case 't': options.Milliseconds = reader.Number(); break;
                case 'w': options.Wait = reader.Number(); break;
                case 'p':
                    options.Binds = true;
                    options.BindPath = reader.Argument;
                    break;
                case 'l':
                    options.NamesLocal = true;
                    options.LocalName = reader.Argument;
                    break;
            }
        }
        options.Path = reader.Operand();
        options.Command = reader.Program();
        return options;
    }
}
