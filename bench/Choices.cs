namespace LocalService.Bench;

/// <summary>The command line.</summary>
internal sealed class Choices
{
    /// <summary>The number of turns for each candidate; the default keeps a run of all groups below 12 minutes.</summary>
    internal int Rounds { get; private set; } = 10;

    /// <summary>Further directories to compare with, with executables named s6-ROLE.</summary>
    internal List<(string Name, string Directory)> Peers { get; } = [];

    /// <summary>The groups to run; none for all.</summary>
    internal List<string> Groups { get; } = [];

    /// <summary>Reads the command line; false when it is wrong.</summary>
    internal static bool TryParse(string[] arguments, string[] groups, out Choices choices)
    {
        choices = new Choices();
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument is "--rounds" or "--peer" ? ++i == arguments.Length || !choices.Take(argument, arguments[i]) : !groups.Contains(argument))
                return false;
            if (argument is not ("--rounds" or "--peer"))
                choices.Groups.Add(argument);
        }
        return true;
    }

    private bool Take(string option, string value)
    {
        if (option == "--rounds")
        {
            bool valid = int.TryParse(value, out int rounds) && rounds > 0;
            Rounds = rounds;
            return valid;
        }
        int separator = value.IndexOf('=');
        if (separator <= 0 || !Directory.Exists(value[(separator + 1)..]))
            return false;
        Peers.Add((value[..separator], Path.GetFullPath(value[(separator + 1)..])));
        return true;
    }
}
