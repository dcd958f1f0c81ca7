using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>The command line of sudod.</summary>
internal struct SudodOptions
{
    /// <summary>Whether the program reads from the null device.</summary>
    internal bool NullInput { get; private set; }

    /// <summary>Whether the program's output goes to the null device.</summary>
    internal bool NullOutput { get; private set; }

    /// <summary>Whether the program's messages go to the server's standard error.</summary>
    internal bool OwnError { get; private set; }

    /// <summary>Whether the program continues after the client goes away.</summary>
    internal bool Detaches { get; private set; }

    /// <summary>The time limit for starting the program; 0: no limit.</summary>
    internal uint Milliseconds { get; private set; }

    /// <summary>How much to report; at <see cref="SudoLog.EndVerbosity"/> or higher, how the program ended.</summary>
    internal uint Verbosity { get; private set; }

    /// <summary>The first words of the program's command line.</summary>
    internal Words Words { get; private set; }

    /// <summary>Reads the command line.</summary>
    internal static SudodOptions Read(ref OptionReader reader)
    {
        var options = new SudodOptions { Verbosity = 1 };
        while (reader.Next(out char option))
        {
            options.NullInput |= option is '0' or 'd';
            options.NullOutput |= option is '1' or 'd';
            options.OwnError |= option is '2' or 'd';
            options.Detaches |= option is 'd';
            if (option == 't')
                options.Milliseconds = reader.Number();
            if (option == 'v')
                options.Verbosity = reader.Number();
        }
        options.Words = reader.Rest;
        return options;
    }
}
