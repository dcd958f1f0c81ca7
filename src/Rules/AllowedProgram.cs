using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>Executes the program for a client that a rule lets in, or the script of the rule, with the edits of the rule.</summary>
internal static class AllowedProgram
{
    // The memory for the interpreter's command line: the script and the other words, rounded up.
    private const int LongestScriptCommand = Allowance.LongestScript + 512;

    /// <summary>Applies the edits of the rule. No later step can run out of memory. ENOMEM.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="allowance">The additions of the rule.</param>
    /// <param name="more">How many bytes the caller's own edits take, besides the few small ones that every gate makes.</param>
    /// <param name="memory">The memory to allocate from.</param>
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
    /// <param name="allowance">The additions of the rule.</param>
    /// <param name="option">The option that tells the interpreter that a script follows.</param>
    /// <param name="memory">The memory to allocate from, which <see cref="Edit"/> has ensured.</param>
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
