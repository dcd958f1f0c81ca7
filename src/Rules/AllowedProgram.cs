using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>What becomes of a client that a rule lets in: the program, or the script of the rule, with the edits of the rule.</summary>
internal static class AllowedProgram
{
    // What the command line of the interpreter takes besides the script, rounded up.
    private const int LongestScriptCommand = Allowance.LongestScript + 512;

    /// <summary>Applies the edits of the rule. Nothing that comes after this can lack memory. ENOMEM.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="allowance">What the rule brings with it.</param>
    /// <param name="more">How many bytes the caller's own edits take that aren't the few small ones of any gate.</param>
    /// <param name="memory">Where the memory is taken from.</param>
    internal static Errno Edit(ref EnvironmentBlock environment, in Allowance allowance, nuint more, Allocator memory)
    {
        Errno error = memory.Ensure(EnvironmentBlock.LargestEditCost(environment.Count, allowance.Edits) + more + LongestScriptCommand);
        if (error.Failed)
            return error;
        var edits = new Edits(allowance.Edits);
        while (edits.MoveNext())
            environment.Apply(edits.Current);
        return default;
    }

    /// <summary>Becomes the program, or the interpreter of the script.</summary>
    /// <param name="program">The program with its arguments.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="allowance">What the rule brings with it.</param>
    /// <param name="option">How the interpreter is told that a script follows.</param>
    /// <param name="memory">Where the memory is taken from, which <see cref="Edit"/> has seen to.</param>
    internal static Outcome Become(Words program, EnvironmentBlock environment, in Allowance allowance, ReadOnlySpan<byte> option, Allocator memory)
    {
        if (allowance.Script.IsEmpty)
            return Exec.Into(program, environment);
        var interpreter = new WordList(3, memory);
        interpreter.Add("execlineb"u8);
        interpreter.Add(option);
        interpreter.Add(Bytes.UntilNul(allowance.Script));
        return Exec.Into(interpreter.Words, environment);
    }
}
