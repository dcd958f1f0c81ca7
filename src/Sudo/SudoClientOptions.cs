using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>The command line of sudoc.</summary>
internal struct SudoClientOptions
{
    private bool hidesEnvironment;
    private uint connectMilliseconds;
    private uint runMilliseconds;

    /// <summary>Whether the environment isn't sent.</summary>
    internal readonly bool HidesEnvironment => hidesEnvironment;

    /// <summary>The longest time until the server says that the program runs; 0: no limit.</summary>
    internal readonly uint ConnectMilliseconds => connectMilliseconds;

    /// <summary>The longest time that the program may run; 0: no limit.</summary>
    internal readonly uint RunMilliseconds => runMilliseconds;

    /// <summary>What the server gets.</summary>
    internal Words Arguments { get; private set; }

    /// <summary>Reads the command line; false when it is wrong.</summary>
    internal static bool TryParse(Words words, out SudoClientOptions options)
    {
        options = default;
        var parser = new OptionParser(words, "et:T:"u8);
        byte letter;
        while ((letter = parser.Next()) != OptionParser.End)
        {
            bool valid = letter switch
            {
                (byte)'e' => options.hidesEnvironment = true,
                (byte)'t' => Numbers.TryParse(parser.Argument, out options.connectMilliseconds),
                (byte)'T' => Numbers.TryParse(parser.Argument, out options.runMilliseconds),
                _ => false,
            };
            if (!valid)
                return false;
        }
        options.Arguments = parser.Rest;
        return true;
    }
}
