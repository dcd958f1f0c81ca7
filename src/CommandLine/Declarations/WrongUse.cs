namespace LocalService.CommandLine;

/// <summary>What can be wrong with a command line.</summary>
internal enum WrongUse : byte
{
    None,
    UnknownOption,
    MissingArgument,

    /// <summary>A long name with an argument that the option doesn't take.</summary>
    UnexpectedArgument,

    InvalidArgument,

    /// <summary>A name about which nothing could be found out: not the user's fault.</summary>
    FailedLookUp,

    /// <summary>An operand that isn't what it should be.</summary>
    InvalidOperand,
    MissingOperand,
    EmptyOperand,
}
