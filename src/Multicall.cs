using System;
using LocalService.CommandLine;
using LocalService.Install;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService;

/// <summary>The executable under its own name, or under a name that no role has: it describes itself and installs itself.</summary>
internal static class Multicall
{
    /// <summary>The prefix of messages that aren't those of a role.</summary>
    internal static ReadOnlySpan<byte> Name => "localservice"u8;
    private static ReadOnlySpan<byte> Usage => "--list | --describe | --help | --version | --install [ --replace ] [ --short=no ] [ --only=ROLE,... ] DIR | ROLE args..."u8;

    private static ReadOnlySpan<byte> Explanation =>
        "\n"u8 +
        "\n  --list          print the roles, one a line: name and summary"u8 +
        "\n  --describe      print the roles with their options and operands, one a line, fields separated by tabs, for scripts"u8 +
        "\n  --help          print this text; after a role, how to use that role"u8 +
        "\n  --version       print the version, the commit, the architecture and the compiler"u8 +
        "\n  --install DIR   copy this executable to DIR/localservice, with a symbolic link for each role, as s6-NAME and as NAME;"u8 +
        "\n                  an earlier version is replaced, any other file that stands in the way only with --replace;"u8 +
        "\n                  with --short=no only the links s6-NAME, with --only=ROLE,... only those of these roles"u8 +
        "\n  ROLE args...    be that role, as a link of its name would"u8;

    /// <summary>Runs the command line, which names no role, neither as the program nor as the first argument.</summary>
    /// <returns>The exit code.</returns>
    internal static int Run(Words words)
    {
        var diagnostics = new Diagnostics(Name);
        if (IsOnly(words, "--list"u8))
            return List();
        if (IsOnly(words, "--describe"u8))
            return Describe();
        if (IsOnly(words, "--help"u8))
            return Help();
        if (IsOnly(words, "--version"u8))
            return Print(Name, " "u8, ProductVersion.Text);
        if (words.Count > 1 && words[1].SequenceEqual("--install"u8))
            return Install(words.From(2), diagnostics);
        ReadOnlySpan<byte> role = UnknownRole(words);
        return (role.IsEmpty ? diagnostics.Usage(Usage) : RefuseRole(role, diagnostics)).Code;
    }

    /// <summary>Prints the help of a role, on descriptor 1.</summary>
    internal static int Help(Role role)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        RoleText.AddHelp(ref line, role);
        return Finish(ref line);
    }

    private static bool IsOnly(Words words, ReadOnlySpan<byte> option) => words.Count == 2 && words[1].SequenceEqual(option);

    private static int Help() => Print("usage: localservice "u8, Usage, Explanation);

    private static int Print(ReadOnlySpan<byte> text, ReadOnlySpan<byte> more, ReadOnlySpan<byte> last)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(text);
        line.Add(more);
        line.Add(last);
        line.Add("\n"u8);
        return Finish(ref line);
    }

    private static int List()
    {
        int width = 0;
        for (int i = 0; RoleTable.TryAt(i, out Role role); i++)
            width = role.Name.Length > width ? role.Name.Length : width;
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        for (int i = 0; RoleTable.TryAt(i, out Role role); i++)
        {
            line.Add(role.Name);
            line.AddBlanks(width - role.Name.Length + 2);
            line.Add(role.Summary, "\n"u8);
        }
        return Finish(ref line);
    }

    private static int Describe()
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        for (int i = 0; RoleTable.TryAt(i, out Role role); i++)
            RoleText.AddDescription(ref line, role);
        return Finish(ref line);
    }

    private static int Finish(ref Line line)
    {
        line.Flush();
        return line.Error.Failed
            ? new Diagnostics(Name).Fatal(line.Error, "unable to write to standard output"u8).Code
            : ExitCode.Success;
    }

    private static int Install(Words arguments, Diagnostics diagnostics)
    {
        bool mayReplace = false;
        bool withShortNames = true;
        ReadOnlySpan<byte> only = default;
        int used = 0;
        for (; used < arguments.Count && arguments[used].StartsWith("--"u8); used++)
        {
            ReadOnlySpan<byte> word = arguments[used];
            if (word.SequenceEqual("--replace"u8))
                mayReplace = true;
            else if (word.SequenceEqual("--short=no"u8))
                withShortNames = false;
            else if (word.StartsWith(OnlyOption) && word.Length > OnlyOption.Length)
                only = word[OnlyOption.Length..];
            else
                return diagnostics.Usage(Usage).Code;
        }
        Words rest = arguments.From(used);
        if (rest.Count != 1 || rest[0].IsEmpty)
            return diagnostics.Usage(Usage).Code;
        for (ReadOnlySpan<byte> list = only; !list.IsEmpty;)
        {
            ReadOnlySpan<byte> role = FirstOf(ref list);
            if (!RoleTable.TryFind(role, out _))
                return RefuseRole(role, diagnostics).Code;
        }
        return new Installation(rest[0], InstalledNames(withShortNames, only), mayReplace, diagnostics).Run().Code;
    }

    private static ReadOnlySpan<byte> OnlyOption => "--only="u8;

    // The short name of a role that an installation leaves to the well-known program of that name.
    private static ReadOnlySpan<byte> NameOfAnotherProgram => "sudo"u8;

    /// <summary>The executable's name, then the names of the roles.</summary>
    /// <param name="withShortNames">Whether roles get their short names too.</param>
    /// <param name="only">The roles, by either name, separated by commas; if empty, all roles.</param>
    private static Words InstalledNames(bool withShortNames, ReadOnlySpan<byte> only)
    {
        int roles = 0;
        while (RoleTable.TryAt(roles, out _))
            roles++;
        var names = new WordList(1 + 2 * roles);
        names.Add(Name);
        for (int i = 0; RoleTable.TryAt(i, out Role role); i++)
        {
            if (!only.IsEmpty && !IsIn(only, role))
                continue;
            names.Add(role.Program);
            if (withShortNames && !role.Name.SequenceEqual(NameOfAnotherProgram))
                names.Add(role.Name);
        }
        return names.Words;
    }

    private static bool IsIn(ReadOnlySpan<byte> list, Role role)
    {
        while (!list.IsEmpty)
        {
            if (RoleTable.TryFind(FirstOf(ref list), out Role listed) && listed.Name.SequenceEqual(role.Name))
                return true;
        }
        return false;
    }

    /// <summary>Removes the first word from a comma-separated list. A comma at the end adds no empty word.</summary>
    private static ReadOnlySpan<byte> FirstOf(ref ReadOnlySpan<byte> list)
    {
        int comma = list.IndexOf((byte)',');
        ReadOnlySpan<byte> first = comma < 0 ? list : list[..comma];
        list = comma < 0 ? default : list[(comma + 1)..];
        return first;
    }

    /// <summary>The word that was meant to be a role: the name of the program, unless it is the executable's own, else the first argument.</summary>
    private static ReadOnlySpan<byte> UnknownRole(Words words)
    {
        if (words.Count == 0)
            return default;
        ReadOnlySpan<byte> program = Bytes.BaseName(words[0]);
        if (!program.StartsWith(Name))
            return program;
        return words.Count > 1 && !words[1].StartsWith("-"u8) ? words[1] : default;
    }

    private static Outcome RefuseRole(ReadOnlySpan<byte> role, Diagnostics diagnostics)
    {
        ReadOnlySpan<byte> suggestion = RoleSuggestion.For(role);
        return suggestion.IsEmpty
            ? diagnostics.Fatal(ExitCode.Usage, "unknown role: "u8, role, "; see localservice --list"u8)
            : diagnostics.Fatal(ExitCode.Usage, "unknown role: "u8, role, "; did you mean "u8, Bytes.OfC(Arena.CString(suggestion, "?"u8)));
    }
}
