namespace LocalService.CommandLine;

/// <summary>The possible mistakes in a command line.</summary>
internal enum WrongUse : byte
{
    None,
    UnknownOption,
    MissingArgument,

    /// <summary>A long name with an argument that the option doesn't take.</summary>
    UnexpectedArgument,

    InvalidArgument,

    /// <summary>The look-up of a name failed: not the user's fault.</summary>
    FailedLookUp,

    /// <summary>An operand of the wrong kind.</summary>
    InvalidOperand,
    MissingOperand,
    EmptyOperand,
}
