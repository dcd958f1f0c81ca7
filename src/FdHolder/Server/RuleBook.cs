using System;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Expressions;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.FdHolder;

/// <summary>
/// Decides what a client may do. Rules in a directory are read for each client; a database is kept open until the holder is told to open
/// it again. Specification "fdholder", sections 3.4 and 3.5, with decisions 1 and 2.
/// </summary>
internal unsafe struct RuleBook
{
    private RuleSource source;
    private RuleDatabase database;
    private byte* window; // of the open database
    private byte* spareWindow;
    private Allowance allowance;
    private PeerCredentials self;
    private bool unmappedIdsCount;
    private bool warns;

    /// <summary>How many descriptors a decision needs for a moment.</summary>
    internal readonly int DescriptorsNeeded => source.IsDatabase ? 0 : 4; // the directory, that of the key, its environment, a file in it

    private static Errno Refused => new(libc.EACCES);

    /// <summary>Opens the rules. The error is that of opening a database.</summary>
    internal Errno Open(HolderOptions options)
    {
        source = options.Rules;
        self = PeerCredentials.OfThisProcess;
        unmappedIdsCount = options.UnmappedIdsCount;
        warns = options.Verbosity > 0;
        return source.IsDatabase ? OpenDatabase() : default;
    }

    /// <summary>Opens the database again. When that fails the old one stays.</summary>
    internal void Reopen()
    {
        if (!source.IsDatabase)
            return;
        RuleDatabase former = database;
        Errno error = OpenDatabase();
        if (!error.Failed)
            former.Close();
        else if (warns)
            new Diagnostics(FdHolderd.Program).Warning(error, "unable to cdb_init "u8, Bytes.OfC(source.Path));
    }

    /// <summary>Finds out the identity of a connection's client, and its rights.</summary>
    /// <returns>
    /// EACCES when the client is kept out; EINVAL when its identity can't be found out, which keeps it out too; an error of
    /// <see cref="BackOff.IsExhaustion"/> when there is no decision now.
    /// </returns>
    internal Errno Admit(int connection, out PeerCredentials credentials, ref Rights rights)
    {
        credentials = default;
        var diagnostics = new Diagnostics(FdHolderd.Program);
        Result<PeerCredentials> client = PeerCredentials.Of(connection);
        if (client.Failed)
        {
            if (warns)
                diagnostics.Warning(client.Error, "unable to getpeereid"u8);
            return new Errno(libc.EINVAL);
        }
        credentials = client.Value;
        var identity = new PeerIdentity(connection);
        Decision decision = Decide(client.Value, &identity);
        identity.Free();
        if (BackOff.IsExhaustion(decision.Error))
            return decision.Error;
        if (decision.Verdict != Verdict.Allow)
        {
            if (warns && !decision.FailedCall.IsEmpty)
                diagnostics.Warning(decision.Error, "unable to "u8, decision.FailedCall);
            else if (warns && decision.Error.Failed)
                diagnostics.Warning(decision.Error, "error while checking rules"u8);
            else if (warns && decision.Verdict is (Verdict.Unknown or Verdict.LabelUnusable))
                Warn(diagnostics, "deny uid "u8, client.Value, decision.Verdict == Verdict.Unknown ? UnmappedIds.Explanation : Decision.UnusableLabel);
            else if (warns && decision.Verdict == Verdict.RulesMissing)
                diagnostics.Warning("rules directory "u8, Bytes.OfC(source.Path), " does not exist"u8);
            return Refused;
        }
        if (warns && !allowance.Script.IsEmpty)
            Warn(diagnostics, "unused exec string in rules for uid "u8, client.Value, default);
        Errno error = rights.Set(allowance.Edits, out InvalidExpression invalid);
        if (!error.Is(libc.EINVAL))
            return error;
        if (warns)
            Warn(invalid);
        return Refused;
    }

    private Decision Decide(PeerCredentials client, PeerIdentity* identity)
    {
        if (!unmappedIdsCount && UnmappedIds.Contains(client))
            return new Decision(Verdict.Unknown);
        var keys = new PeerKeys(client, self, identity);
        return source.IsDatabase ? RuleSearch.Decide(ref database, keys, ref allowance) : RuleSearch.Decide(source, keys, default, ref allowance);
    }

    private Errno OpenDatabase()
    {
        if (spareWindow == null)
            spareWindow = Arena.Allocate(CdbFile.WindowSize);
        Errno error = RuleDatabase.Open(source.Path, spareWindow, out RuleDatabase opened);
        if (error.Failed)
            return error;
        database = opened;
        byte* former = window;
        window = spareWindow;
        spareWindow = former;
        return default;
    }

    private static void Warn(InvalidExpression invalid)
    {
        var line = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(FdHolderd.Program);
        line.Add(": warning: invalid "u8);
        line.Add(invalid.Variable);
        line.Add(" value: "u8);
        line.Add(invalid.Value);
        line.Add(": "u8);
        line.Add(ExpressionErrorText.Of(invalid.Error));
        line.End();
    }

    private static void Warn(Diagnostics diagnostics, ReadOnlySpan<byte> what, PeerCredentials client, ReadOnlySpan<byte> more)
    {
        var line = new Line(libc.STDERR_FILENO, stackalloc byte[Line.BufferSize]);
        line.Add(what);
        line.Add(client.UserId);
        line.Add(" gid "u8);
        line.Add(client.GroupId);
        line.Add(more);
        diagnostics.Warning(line.Text);
    }
}
