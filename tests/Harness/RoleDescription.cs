using System;
using System.Collections.Generic;
using System.Linq;

namespace LocalService.Tests;

/// <summary>An option of a role.</summary>
/// <param name="Letter">Its letter.</param>
/// <param name="LongName">Its long name, without the dashes.</param>
/// <param name="Argument">The name of its argument; null when it takes none.</param>
/// <param name="Meaning">Its description.</param>
public sealed record OptionDescription(char Letter, string LongName, string? Argument, string Meaning);

/// <summary>What <c>localservice --describe</c> says about a role.</summary>
/// <param name="Name">The short name.</param>
/// <param name="Program">The full name.</param>
/// <param name="Usage">The usage line, which begins with the full name.</param>
/// <param name="Options">The options.</param>
/// <param name="Operands">The operands, as in the usage line.</param>
public sealed record RoleDescription(
    string Name, string Program, string Usage, IReadOnlyList<OptionDescription> Options, IReadOnlyList<string> Operands)
{
    private static readonly Lazy<IReadOnlyList<RoleDescription>> all = new(ReadAll);

    /// <summary>Every role of the executable.</summary>
    public static IReadOnlyList<RoleDescription> All => all.Value;

    /// <summary>The short names of all roles, as <c>localservice --list</c> tells them.</summary>
    public static string[] Names { get; } = [.. Ask("--list").Select(line => line.Split(' ')[0])];

    /// <summary>The full name of a role, <c>s6-NAME</c> for most.</summary>
    public static string ProgramOf(string name) => All.Single(role => role.Name == name).Program;

    /// <summary>The mandatory operands before any block, by the names that messages use. A block has its own terminator.</summary>
    public IEnumerable<string> RequiredOperands =>
        Operands.TakeWhile(form => form[0] != '{').Where(form => form[0] != '[').Select(form => form.Split('.')[0]);

    private static List<RoleDescription> ReadAll()
    {
        var roles = new List<RoleDescription>();
        List<OptionDescription> options = [];
        List<string> operands = [];
        string[] role = [];
        foreach (string[] fields in Ask("--describe").Select(line => line.Split('\t')))
        {
            switch (fields[0])
            {
                case "role":
                    role = fields;
                    break;
                case "usage":
                    roles.Add(new RoleDescription(role[1], role[2], fields[1], options = [], operands = []));
                    break;
                case "option" or "alternative":
                    options.Add(new OptionDescription(fields[1].Single(), fields[2], fields[3] == "-" ? null : fields[3], fields[4]));
                    break;
                case "operand":
                    operands.Add(fields[1]);
                    break;
                default:
                    throw new FormatException(string.Join('\t', fields));
            }
        }
        return roles;
    }

    private static string[] Ask(string question)
    {
        ProcessResult result = TestProcess.Run([Repository.Executable, question], "/");
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
