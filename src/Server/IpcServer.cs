using System;
using LocalService.CommandLine;
using LocalService.Posix;

namespace LocalService.Server;

/// <summary>
/// The super-server: writes the command line of the chain socketbinder, applyuidgid, ipcserverd and becomes its first program.
/// It checks every number, so that a mistake shows before anything is bound. Specification "server", section 1.
/// </summary>
internal readonly unsafe struct IpcServer : IRole
{
    public static ReadOnlySpan<byte> Program => "s6-ipcserver"u8;
    public static ReadOnlySpan<byte> Usage =>
        "[ -q | -Q | -v ] [ -d | -D ] [ -P | -p ] [ -1 ] [ -c maxconn ] [ -C localmaxconn ] [ -b backlog ] [ -a socketperms ] "u8 +
        "[ -G gid,gid,... ] [ -g gid ] [ -u uid ] [ -U ] [ -j threads ] [ -S ] path prog..."u8;
    public static ReadOnlySpan<byte> Summary => "serve a Unix domain socket: bind, drop privileges, run a program for each connection"u8;

    /// <summary>The most words that the chain has before the program: of the binder 7, of applyuidgid 9, of ipcserverd 11.</summary>
    private const int LongestChain = 27;

    private const uint AllPermissions = 0x1FF; // 0777

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        var choices = Choices.Default;
        var options = new OptionParser(invocation.Words, "qQvDdPp1c:C:b:a:G:g:u:Uj:S"u8);
        for (byte option = options.Next(); option != OptionParser.End; option = options.Next())
        {
            if (!choices.TryTake(option, options.Argument))
                return diagnostics.Usage(Usage);
        }
        if (options.Rest.Count < 2)
            return diagnostics.Usage(Usage);
        return Exec.Into(Chain(choices, options.Rest.Pointer(0), options.Rest.From(1)), invocation.Environment);
    }

    /// <summary>What the options say.</summary>
    private struct Choices
    {
        internal byte Verbosity;
        internal bool BindOnly;
        internal bool NoLookups;
        internal bool NotifyReadiness;
        internal uint? MaximumConnections;
        internal uint? MaximumPerUser;
        internal uint? Threads;
        internal bool GatesAsPrograms;
        internal uint Backlog;
        internal uint Permissions;
        internal PrivilegeOptions Privileges;

        internal static Choices Default => new() { Verbosity = 1, Backlog = uint.MaxValue, Permissions = AllPermissions };

        internal bool TryTake(byte option, ReadOnlySpan<byte> argument)
        {
            switch (option)
            {
                case (byte)'q': Verbosity = 0; return true;
                case (byte)'Q': Verbosity = 1; return true;
                case (byte)'v': Verbosity = 2; return true;
                case (byte)'D': BindOnly = true; return true;
                case (byte)'d': BindOnly = false; return true;
                case (byte)'P': NoLookups = true; return true;
                case (byte)'p': NoLookups = false; return true;
                case (byte)'1': NotifyReadiness = true; return true;
                case (byte)'c': return TryTakeLimit(argument, out MaximumConnections);
                case (byte)'C': return TryTakeLimit(argument, out MaximumPerUser);
                case (byte)'j': return TryTakeLimit(argument, out Threads);
                case (byte)'S': GatesAsPrograms = true; return true;
                case (byte)'b': return TryTakeBacklog(argument);
                case (byte)'a': return Numbers.TryParseOctal(argument, out Permissions);
                default: return Privileges.TryTake(option, argument);
            }
        }

        private static bool TryTakeLimit(ReadOnlySpan<byte> argument, out uint? limit)
        {
            bool valid = Numbers.TryParse(argument, out uint number);
            limit = number == 0 ? 1 : number;
            return valid;
        }

        // A server made by this role always listens, so that 0 isn't taken for "do not listen".
        private bool TryTakeBacklog(ReadOnlySpan<byte> argument)
        {
            bool valid = Numbers.TryParse(argument, out Backlog);
            Backlog = Backlog == 0 ? 1 : Backlog;
            return valid;
        }
    }

    private static WordList Chain(in Choices choices, byte* path, Words program)
    {
        var chain = new WordList(LongestChain + program.Count);
        AddSocketBinder(ref chain, choices, path);
        choices.Privileges.AddTo(ref chain);
        AddDaemon(ref chain, choices);
        chain.Add(program);
        return chain;
    }

    private static void AddSocketBinder(ref WordList chain, in Choices choices, byte* path)
    {
        chain.AddRole("s6-ipcserver-socketbinder"u8);
        if (choices.BindOnly)
            chain.Add("-D"u8);
        if (choices.Backlog != uint.MaxValue)
            chain.Add("-b"u8, choices.Backlog);
        uint permissions = choices.Permissions & AllPermissions;
        if (permissions != AllPermissions)
        {
            chain.Add("-a"u8);
            chain.Add(Arena.CString("0"u8, Numbers.Octal(permissions, stackalloc byte[Numbers.LongestText])));
        }
        chain.Add("--"u8);
        chain.Add(path);
    }

    private static void AddDaemon(ref WordList chain, in Choices choices)
    {
        chain.AddRole("s6-ipcserverd"u8);
        if (choices.Verbosity != 1)
            chain.Add(choices.Verbosity == 0 ? "-v0"u8 : "-v2"u8);
        if (choices.NotifyReadiness)
            chain.Add("-1"u8);
        if (choices.NoLookups)
            chain.Add("-P"u8);
        if (choices.MaximumConnections.HasValue)
            chain.Add("-c"u8, choices.MaximumConnections.GetValueOrDefault());
        if (choices.MaximumPerUser.HasValue)
            chain.Add("-C"u8, choices.MaximumPerUser.GetValueOrDefault());
        if (choices.Threads.HasValue)
            chain.Add("-j"u8, choices.Threads.GetValueOrDefault());
        if (choices.GatesAsPrograms)
            chain.Add("-S"u8);
        chain.Add("--"u8);
    }
}
