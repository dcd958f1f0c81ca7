using System;
using System.Runtime.InteropServices;
using LocalService.Access;
using LocalService.Cdb;
using LocalService.CommandLine;
using LocalService.Dns.Filters;
using LocalService.Dns.Hosts;
using LocalService.Dns.Packets;
using LocalService.Events;
using LocalService.Errors;
using LocalService.Expressions;
using LocalService.FdHolder;
using LocalService.Locks;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;
using LocalService.Sudo;
using LocalService.Syslog;

namespace LocalService.Fuzz;

/// <summary>
/// The functions that the fuzzing driver, driver.c, calls. Each takes bytes that begin right after, or end right before, an inaccessible page. They
/// are only compiled into the executable for fuzzing. Their results mean nothing; they touch every byte that a parser returns.
/// </summary>
internal static unsafe class Targets
{
    private const int MostRecords = 1000;

    /// <summary>A database, whatever its bytes: a walk through all records, look-ups, checksums, and each record read as a rule.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_cdb")]
    private static int Database(byte* data, nuint length)
    {
        var source = new MemorySource(data, (int)length);
        int seen = 0;
        Result<RuleChecksums> checksums = RuleChecksums.Of(ref source);
        if (!checksums.Failed)
            seen += checksums.Value.VerifyAll(ref source).Number;
        Result<CdbWalk> walk = CdbWalk.Of(ref source);
        if (walk.Failed)
            return seen;
        CdbWalk records = walk.Value;
        for (int count = 0; records.HasNext && count < MostRecords; count++)
        {
            Result<CdbRecord> record = records.Next(ref source);
            if (record.Failed)
                break;
            if (StoredRule.Read(ref source, record.Value, out StoredRule rule, out _))
                seen += Look(rule.Key) + Look(rule.Edits) + Look(rule.Script);
            if (record.Value.KeyLength < 256 && !source.View(record.Value.KeyOffset, (int)record.Value.KeyLength, out ReadOnlySpan<byte> key).Failed)
                seen += Find(ref source, key);
        }
        return seen + Find(ref source, "uid/0"u8) + Find(ref source, "gid/default"u8) + Find(ref source, "ip4/127.0.0.1_32"u8);
    }

    private static int Find(ref MemorySource source, ReadOnlySpan<byte> key)
    {
        Result<CdbRecord> found = CdbLookup.Find(ref source, key);
        return !found.Failed && !source.View(found.Value.DataOffset, (int)found.Value.DataLength, out ReadOnlySpan<byte> bytes).Failed ? Look(bytes) : 0;
    }

    /// <summary>The record of a rule, and its effect on an environment.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_rules")]
    private static int Rules(byte* data, nuint length)
    {
        var bytes = new ReadOnlySpan<byte>(data, (int)length);
        int seen = 0;
        Allowance allowance = default;
        Decision decision = RuleDatabase.Judge(bytes, ref allowance);
        seen += (int)decision.Verdict;
        if (decision.Verdict == Verdict.Allow)
        {
            byte** variables = stackalloc byte*[2];
            fixed (byte* path = "PATH=/bin"u8)
            {
                variables[0] = path;
                variables[1] = null;
                Region region = default;
                var environment = new EnvironmentBlock(variables);
                seen += AllowedProgram.Edit(ref environment, allowance, 0, new Allocator(&region)).Number;
                region.Reset();
            }
        }
        allowance.Free();
        allowance = default;
        seen += (int)TcpRulesDatabase.Judge(bytes, ref allowance).Verdict;
        allowance.Free();
        int slash = bytes.IndexOf((byte)'\n');
        if (slash >= 0 && StoredRule.TryParse(bytes[..slash], bytes[(slash + 1)..], out StoredRule rule))
            seen += Look(rule.Edits) + Look(rule.Script);
        return seen;
    }

    /// <summary>Messages from clients to the daemons. The first byte is the number of descriptors.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_messages")]
    private static int Messages(byte* data, nuint length)
    {
        if (length == 0)
            return 0;
        int descriptors = data[0] % 8;
        var bytes = new ReadOnlySpan<byte>(data + 1, (int)length - 1);
        int seen = 0;
        if (Request.TryParse(bytes, descriptors, out Request request))
            seen += Look(request.Name) + Look(request.Entries) + (int)request.Total;
        if (SudoRequest.Parse(bytes, descriptors, hasProgram: true, out SudoRequest call) == RequestFault.None)
        {
            for (RequestStrings words = call.Arguments; words.MoveNext();)
                seen += Look(words.Current);
            for (RequestStrings variables = call.Variables; variables.MoveNext();)
                seen += Look(variables.Current);
        }
        if (LockCommand.TryParse(bytes, out _))
            seen++;
        if (ByteDialectCommand.TryParse(bytes, out _))
            seen++;
        if (TextDialectCommand.TryParse(bytes, out _))
            seen++;
        MessageHeader header = MessageHeader.Of(bytes);
        seen += Look(header.Time) + Look(header.Host) + Look(header.Application) + Look(header.Process) + Look(header.MessageId) + Look(header.Data) + Look(header.Text);
        if (bytes.Length <= 4096)
        {
            var line = new LineWriter(stackalloc byte[4096 * LineWriter.LongestQuotedByte]);
            line.AddForeign(bytes, default);
            seen += line.Length;
        }
        return seen;
    }

    /// <summary>An expression in the first line; the rest is the text to search.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_expressions")]
    private static int Expressions(byte* data, nuint length)
    {
        var bytes = new ReadOnlySpan<byte>(data, (int)length);
        int end = bytes.IndexOf((byte)'\n');
        ReadOnlySpan<byte> text = end < 0 ? bytes : bytes[..end];
        ReadOnlySpan<byte> subject = end < 0 ? default : bytes[(end + 1)..];
        Span<int> program = stackalloc int[Expression.LongestProgram];
        if (Expression.Compile(text, program, out int size) != default)
            return -1;
        int seen = Expression.IsMatch(program[..size], subject) ? 1 : 0;
        if (Expression.TryFind(program[..size], subject, out int start, out int finish))
            seen += Look(subject[start..finish]);
        return seen;
    }

    /// <summary>A packet of DNS, all of its records as text; and the same bytes as a name, an address and a line of /etc/hosts.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_dns")]
    private static int Dns(byte* data, nuint length)
    {
        var bytes = new ReadOnlySpan<byte>(data, (int)length);
        OutputText text = default;
        int seen = 0;
        if (PacketReader.TryStart(bytes, out PacketReader reader) && reader.TrySkipQuestions())
        {
            while (reader.Next(out Record record) == ReadResult.Record)
            {
                // Data of other classes isn't checked, and no caller shows it.
                if (record.Class != RecordType.ClassInternet)
                    continue;
                DomainName owner = default;
                record.ReadOwner(ref owner);
                text.Add(owner);
                RecordText.Add(ref text, record);
                RecordText.AddType(ref text, record.Type);
            }
        }
        if (bytes.Length > 2 && !Answer.Open(bytes, (ushort)(bytes[^1] % 64), out Answer answer).Failed)
        {
            while (answer.Next(out Record record))
                seen += Look(record.Data);
        }
        DomainName name = default;
        if (!name.Parse(bytes).Failed)
            text.Add(name);
        if (IpAddressText.TryParseScoped(bytes, out IpAddress address))
            text.Add(address);
        var hosts = new HostsText(bytes);
        while (hosts.Next(out address, out _))
            text.Add(address);
        if (FilterFormat.IsValid(bytes, FilterFormat.Letters))
            FilterFormat.Add(ref text, bytes, new FilterLine("10.0.0.1 x"u8, 8), "a"u8);
        return seen + Look(text.Content);
    }

    /// <summary>The file of a variable, read in each possible way. The first byte selects the way.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_environment")]
    private static int Environment(byte* data, nuint length)
    {
        if (length == 0)
            return 0;
        EnvironmentFormat format = EnvironmentFormat.Standard;
        format.TakesWholeFile = (data[0] & 1) != 0;
        format.KeepsEnd = (data[0] & 2) != 0;
        format.HasNoLimit = (data[0] & 4) != 0;
        Result<int> value = format.MakeValue(new Span<byte>(data + 1, (int)length - 1));
        return value.Failed ? -1 : Look(new ReadOnlySpan<byte>(data + 1, value.Value));
    }

    /// <summary>A command line, its words ended by NUL; the first byte is the number of the role.</summary>
    [UnmanagedCallersOnly(EntryPoint = "fuzz_options")]
    private static int Options(byte* data, nuint length)
    {
        const int MostWords = 64;
        if (length < 2 || data[length - 1] != 0 || !RoleTable.TryAt(data[0], out Role role))
            return 0;
        byte** list = stackalloc byte*[MostWords + 2];
        int count = 0;
        list[count++] = data + length - 1;
        for (nuint place = 1; place < length && count <= MostWords; place++)
        {
            list[count++] = data + place;
            while (data[place] != 0)
                place++;
        }
        list[count] = null;
        var options = new OptionReader(new Words(list), role.Declaration);
        int seen = 0;
        while (options.Next(out char letter))
        {
            seen += letter;
            switch (letter % 4)
            {
                case 0: seen += (int)options.Number(); break;
                case 1: seen += (int)options.OctalNumber(); break;
                case 2: seen += options.DescriptorNumber(3); break;
            }
        }
        Words rest = options.Rest;
        for (int place = 0; place < rest.Count; place++)
            seen += Look(rest[place]);
        return seen;
    }

    // Touches every byte.
    private static int Look(scoped ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte single in bytes)
            sum += single;
        return sum;
    }

    private readonly struct MemorySource(byte* content, int size) : ICdbSource
    {
        public ulong Size => (ulong)size;

        public Errno View(ulong offset, int length, out ReadOnlySpan<byte> bytes)
        {
            bytes = default;
            if (offset > (ulong)size || (ulong)length > (ulong)size - offset)
                return CdbSource.Damaged;
            bytes = new ReadOnlySpan<byte>(content + offset, length);
            return default;
        }
    }
}
