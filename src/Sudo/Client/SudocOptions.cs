using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>The command line of sudoc.</summary>
internal struct SudocOptions
{
    /// <summary>Whether the environment isn't sent.</summary>
    internal bool HidesEnvironment { get; private set; }

    /// <summary>The longest time until the server says that the program runs; 0: no limit.</summary>
    internal uint ConnectMilliseconds { get; private set; }

    /// <summary>The longest time that the program may run; 0: no limit.</summary>
    internal uint RunMilliseconds { get; private set; }

    /// <summary>What the server gets.</summary>
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
