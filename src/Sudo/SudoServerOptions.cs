using LocalService.CommandLine;

namespace LocalService.Sudo;

/// <summary>The command line of sudod.</summary>
internal struct SudoServerOptions
{
    private uint milliseconds;

    /// <summary>Whether the program reads from the null device.</summary>
    internal bool NullInput { get; private set; }

    /// <summary>Whether what the program writes goes to the null device.</summary>
    internal bool NullOutput { get; private set; }

    /// <summary>Whether the program's messages go where the server's go.</summary>
    internal bool OwnError { get; private set; }

    /// <summary>Whether the program goes on when the client is gone.</summary>
    internal bool Detaches { get; private set; }

    /// <summary>The longest time until the program runs; 0: no limit.</summary>
    internal readonly uint Milliseconds => milliseconds;

    /// <summary>What the command line of the program begins with.</summary>
    internal Words Words { get; private set; }

    /// <summary>Reads the command line; false when it is wrong.</summary>
    internal static bool TryParse(Words words, out SudoServerOptions options)
    {
        options = default;
        var parser = new OptionParser(words, "012dt:"u8);
        byte letter;
        while ((letter = parser.Next()) != OptionParser.End)
        {
            if (letter == (byte)'t' ? !Numbers.TryParse(parser.Argument, out options.milliseconds) : !options.Set(letter))
                return false;
        }
        options.Words = parser.Rest;
        return true;
    }

    private bool Set(byte letter)
    {
        NullInput |= letter is (byte)'0' or (byte)'d';
        NullOutput |= letter is (byte)'1' or (byte)'d';
        OwnError |= letter is (byte)'2' or (byte)'d';
        Detaches |= letter is (byte)'d';
        return letter is (byte)'0' or (byte)'1' or (byte)'2' or (byte)'d';
    }
}
