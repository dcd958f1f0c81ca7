using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Rules;

namespace LocalService.Insight;

/// <summary>A gate's decision and the reason for it, for people or for programs.</summary>
/// <param name="source">The source of the rules.</param>
/// <param name="isJson">Whether to write JSON, for a program.</param>
internal readonly ref struct CheckReport(RuleSource source, bool isJson)
{
    /// <summary>Writes the report. Returns the error if that fails.</summary>
    internal Errno Write(Decision decision, TracedRules.Looks looks, in Allowance allowance, Outcome outcome)
    {
        var line = new Line(libc.STDOUT_FILENO, stackalloc byte[Line.BufferSize]);
        if (isJson)
            WriteJson(ref line, decision, looks, allowance, outcome);
        else
            WriteText(ref line, decision, looks, allowance, outcome);
        line.End();
        return line.Error;
    }

    private void WriteText(ref Line line, Decision decision, TracedRules.Looks looks, in Allowance allowance, Outcome outcome)
    {
        bool isByKey = TryFindDecisive(decision, looks, out ReadOnlySpan<byte> decisive);
        while (looks.MoveNext())
        {
            if (looks.IsKind && !looks.Error.Failed)
                continue;
            line.Add("  "u8);
            line.Add(ShownKey(looks.Key), ": "u8);
            line.Add(looks.Error.Failed ? looks.Error.Text : looks.Verdict == Verdict.NoRule ? "no rule"u8 : WordOf(looks.Verdict));
            line.Add("\n"u8);
        }
        line.Add(WordOf(decision.Verdict));
        if (isByKey)
        {
            line.Add(", decided by "u8, ShownKey(decisive));
            line.Add(" in "u8);
            AddFile(ref line, decisive, decision);
        }
        else
        {
            line.Add(": "u8);
            AddReason(ref line, decision);
        }
        if (decision.Verdict != Verdict.Allow)
            return;
        var edits = new Edits(allowance.Edits);
        while (edits.MoveNext())
        {
            line.Add(edits.IsUnset ? "\n  unsets "u8 : "\n  sets "u8);
            AddShown(ref line, edits.Current);
        }
        if (allowance.Script.IsEmpty)
            return;
        line.Add("\n  runs in place of the program:"u8);
        for (int i = 0; i < outcome.Command.Count; i++)
        {
            line.Add(" "u8);
            AddShown(ref line, outcome.Command[i]);
        }
    }

    /// <summary>A text from the rules, on one line and without bytes that a terminal would take for a command.</summary>
    private static void AddShown(ref Line line, scoped ReadOnlySpan<byte> text)
    {
        foreach (byte character in text)
            line.Add([character is < (byte)' ' or 127 ? (byte)'?' : character]);
    }

    private void WriteJson(ref Line line, Decision decision, TracedRules.Looks looks, in Allowance allowance, Outcome outcome)
    {
        bool isFirst = true;
        bool isFirstOfList = true;
        line.Add("{"u8);
        JsonText.AddMember(ref line, ref isFirst, "decision"u8, WordOf(decision.Verdict));
        JsonText.AddName(ref line, ref isFirst, "looked_up"u8);
        line.Add("["u8);
        bool isByKey = TryFindDecisive(decision, looks, out ReadOnlySpan<byte> decisive);
        while (looks.MoveNext())
        {
            if (looks.IsKind && !looks.Error.Failed)
                continue;
            JsonText.AddComma(ref line, ref isFirstOfList);
            line.Add("{\"key\": "u8);
            JsonText.AddString(ref line, looks.Key);
            line.Add(", \"says\": "u8);
            JsonText.AddString(ref line, looks.Verdict == Verdict.NoRule ? "nothing"u8 : WordOf(looks.Verdict));
            if (looks.Error.Failed)
            {
                line.Add(", \"error\": "u8);
                JsonText.AddString(ref line, looks.Error.Text);
            }
            line.Add("}"u8);
        }
        line.Add("]"u8);
        var text = new Line(-1, stackalloc byte[Line.BufferSize + UnixPathSize]);
        if (isByKey)
        {
            JsonText.AddMember(ref line, ref isFirst, "key"u8, decisive);
            JsonText.AddName(ref line, ref isFirst, "file"u8);
            AddFile(ref text, decisive, decision);
        }
        else
        {
            JsonText.AddName(ref line, ref isFirst, "reason"u8);
            AddReason(ref text, decision);
        }
        JsonText.AddString(ref line, text.Text);
        if (decision.Verdict == Verdict.Allow)
        {
            AddEdits(ref line, ref isFirst, allowance, unsets: false);
            AddEdits(ref line, ref isFirst, allowance, unsets: true);
        }
        if (decision.Verdict == Verdict.Allow && !allowance.Script.IsEmpty)
        {
            JsonText.AddName(ref line, ref isFirst, "program"u8);
            isFirstOfList = true;
            line.Add("["u8);
            for (int i = 0; i < outcome.Command.Count; i++)
            {
                JsonText.AddComma(ref line, ref isFirstOfList);
                JsonText.AddString(ref line, outcome.Command[i]);
            }
            line.Add("]"u8);
        }
        line.Add("}"u8);
    }

    // The longest path that a system call takes.
    private const int UnixPathSize = 4096;

    private static void AddEdits(ref Line line, ref bool isFirst, in Allowance allowance, bool unsets)
    {
        bool isFirstOfList = true;
        JsonText.AddName(ref line, ref isFirst, unsets ? "unset"u8 : "set"u8);
        line.Add(unsets ? "["u8 : "{"u8);
        var edits = new Edits(allowance.Edits);
        while (edits.MoveNext())
        {
            if (edits.IsUnset != unsets)
                continue;
            JsonText.AddComma(ref line, ref isFirstOfList);
            JsonText.AddString(ref line, edits.Name);
            if (unsets)
                continue;
            line.Add(": "u8);
            JsonText.AddString(ref line, edits.Value);
        }
        line.Add(unsets ? "]"u8 : "}"u8);
    }

    /// <summary>The key that decided. False if no key did.</summary>
    private static bool TryFindDecisive(Decision decision, TracedRules.Looks looks, out ReadOnlySpan<byte> key)
    {
        key = default;
        bool isByKey = decision.Verdict is Verdict.Allow or Verdict.Deny && decision.KeyIndex >= 0;
        for (int index = 0; isByKey && index <= decision.KeyIndex; index++)
            isByKey = looks.MoveNext();
        if (isByKey)
            key = looks.Key;
        return isByKey;
    }

    /// <summary>A key as shown: in a database of tcprules the key for all clients is empty.</summary>
    private static ReadOnlySpan<byte> ShownKey(ReadOnlySpan<byte> key) => key.IsEmpty ? "the empty key"u8 : key;

    /// <summary>The file that decided: in a directory the file in the rule, else the database.</summary>
    private void AddFile(ref Line line, ReadOnlySpan<byte> key, Decision decision)
    {
        line.Add(Bytes.OfC(source.Path));
        if (source.IsDatabase)
            return;
        line.Add("/"u8, key);
        line.Add("/"u8, WordOf(decision.Verdict));
    }

    private static ReadOnlySpan<byte> WordOf(Verdict verdict) => verdict switch
    {
        Verdict.Allow => "allow"u8,
        Verdict.Unreadable or Verdict.Unopenable or Verdict.GroupsUnknown or Verdict.LabelUnknown => "error"u8,
        _ => "deny"u8,
    };

    private static void AddReason(ref Line line, Decision decision)
    {
        if (!decision.FailedCall.IsEmpty)
            line.Add("unable to "u8, decision.FailedCall);
        if (!decision.FailedCall.IsEmpty)
            line.Add(": "u8);
        line.Add(decision.Verdict switch
        {
            Verdict.NoRule or Verdict.Allow => "no rule"u8,
            Verdict.RulesMissing => "the directory of the rules does not exist"u8,
            Verdict.Unknown => UnmappedIds.Explanation[2..],
            Verdict.LabelUnusable => Decision.UnusableLabel[2..],
            _ => decision.Error.Text,
        });
    }
}
