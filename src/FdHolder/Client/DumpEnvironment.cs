using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.FdHolder;

/// <summary>
/// Dumps in the environment of a program. Each direction takes time in proportion to the amount of data. Specification "fdholder", section 7.
/// </summary>
internal static unsafe class DumpEnvironment
{
    /// <summary>Describes a dump.</summary>
    /// <param name="environment">The environment. Its variables about any of these entries are left out.</param>
    /// <param name="dump">The dump.</param>
    /// <param name="now">The present: entries that expire far from it never expire, and get no date.</param>
    internal static EnvironmentBlock With(EnvironmentBlock environment, in Dump dump, TaiDate now)
    {
        byte** list = Arena.AllocatePointers(environment.Count + 1 + dump.Count * (DumpVariable.Kinds - 1) + 1);
        int count = 0;
        for (int i = 0; i < environment.Count; i++)
        {
            bool isOurs = DumpVariable.TryRecognize(Bytes.OfC(environment.List[i]), out DumpVariable variable, out _);
            if (!isOurs || (variable.Kind != DumpVariableKind.Count && variable.Index >= dump.Count))
                list[count++] = environment.List[i];
        }
        Span<byte> text = stackalloc byte[TaiDate.TextLength];
        list[count++] = Entry(DumpVariableKind.Count, 0, Numbers.Decimal((ulong)dump.Count, text));
        ReadOnlySpan<byte> entries = dump.Entries;
        for (int i = 0; i < dump.Count && HeldEntry.TryRead(entries, out HeldEntry entry, out entries); i++)
        {
            list[count++] = Entry(DumpVariableKind.Descriptor, i, Numbers.Decimal((ulong)dump.Descriptors[i], text));
            list[count++] = Entry(DumpVariableKind.Name, i, entry.Name);
            entry.Expiry.Format(text);
            if (!entry.Expiry.IsNever(now))
                list[count++] = Entry(DumpVariableKind.Expiry, i, text);
        }
        return new EnvironmentBlock(list, count, default);
    }

    /// <summary>Reads the dump that an environment describes. Among several variables of a name the first counts.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="now">The present: entries without a date get one that means "never", a different one each.</param>
    /// <param name="dump">The dump. Whether its descriptors are open isn't checked.</param>
    /// <param name="problem">When there is no dump, the variable that is missing or invalid.</param>
    internal static DumpProblem Read(EnvironmentBlock environment, TaiDate now, out Dump dump, out DumpVariable problem)
    {
        dump = default;
        problem = default;
        if (!environment.TryGet("S6_FD#"u8, out ReadOnlySpan<byte> number))
            return DumpProblem.NotSet;
        if (!Numbers.TryParse(number, out uint count))
            return DumpProblem.Invalid;
        // When there are more entries than variables, some entries lack one, and the first of these is in this range.
        int indexed = count < (uint)environment.Count ? (int)count : environment.Count;
        byte** values = Index(environment, indexed);
        for (uint i = 0; i < count; i++)
        {
            problem = new DumpVariable(DumpVariableKind.Descriptor, i);
            if (!TryGet(values, indexed, problem, out ReadOnlySpan<byte> value))
                return DumpProblem.NotSet;
            if (!Numbers.TryParse(value, out uint descriptor))
                return DumpProblem.Invalid;
            problem = new DumpVariable(DumpVariableKind.Name, i);
            if (!TryGet(values, indexed, problem, out ReadOnlySpan<byte> name))
                return DumpProblem.NotSet;
            if (name.IsEmpty || name.Length > HeldName.Longest)
                return DumpProblem.Invalid;
            problem = new DumpVariable(DumpVariableKind.Expiry, i);
            TaiDate expiry = now.Never.PlusNanoseconds(i);
            if (TryGet(values, indexed, problem, out ReadOnlySpan<byte> date) && !TaiDate.TryParse(date, out expiry))
                return DumpProblem.Invalid;
            if (dump.Add(new HeldEntry(expiry, name), (int)descriptor).Failed)
                Abandon.OutOfMemory();
        }
        return DumpProblem.None;
    }

    private static byte* Entry(DumpVariableKind kind, int index, ReadOnlySpan<byte> value) =>
        Arena.CString(new DumpVariable(kind, (uint)index).Name(stackalloc byte[DumpVariable.LongestName]), "="u8, value);

    /// <summary>The values of the variables about the first entries, in one pass; null where there is none.</summary>
    private static byte** Index(EnvironmentBlock environment, int entries)
    {
        byte** values = Arena.AllocatePointers(entries * DumpVariable.Kinds);
        for (int i = 0; i < environment.Count; i++)
        {
            ReadOnlySpan<byte> entry = Bytes.OfC(environment.List[i]);
            if (!DumpVariable.TryRecognize(entry, out DumpVariable variable, out ReadOnlySpan<byte> value) || variable.Index >= entries)
                continue;
            byte** known = values + Position(variable);
            if (*known == null)
                *known = environment.List[i] + (entry.Length - value.Length);
        }
        return values;
    }

    private static bool TryGet(byte** values, int entries, DumpVariable variable, out ReadOnlySpan<byte> value)
    {
        byte* known = variable.Index < entries ? values[Position(variable)] : null;
        value = known == null ? default : Bytes.OfC(known);
        return known != null;
    }

    private static long Position(DumpVariable variable) => (long)variable.Index * DumpVariable.Kinds + (int)variable.Kind;
}

/// <summary>Why an environment describes no dump.</summary>
internal enum DumpProblem
{
    None,
    NotSet,
    Invalid,
}
