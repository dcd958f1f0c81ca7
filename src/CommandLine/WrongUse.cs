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
    MissingOperand,
    EmptyOperand,
}
