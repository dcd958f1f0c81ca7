using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>The command line of sudoc.</summary>
internal struct SudocOptions
{
    /// <summary>Whether to keep the environment from the server.</summary>
    internal bool HidesEnvironment { get; private set; }

    /// <summary>The time limit for the server's confirmation that the program runs; 0: no limit.</summary>
    internal uint ConnectMilliseconds { get; private set; }

    /// <summary>The time limit for the program; 0: no limit.</summary>
    internal uint RunMilliseconds { get; private set; }

    /// <summary>The arguments to send to the server.</summary>
    internal Words Arguments { get; private set; }

    /// <summary>Reads the command line.</summary>
    internal static SudocOptions Read(ref OptionReader reader)
    {
        var options = new SudocOptions();
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case 'e': options.HidesEnvironment = true; break;
                case 't': options.ConnectMilliseconds = reader.Number(); break;
                case 'T': options.RunMilliseconds = reader.Number(); break;
            }
        }
        options.Arguments = reader.Rest;
        return options;
    }
}
