using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Accounts;

/// <summary>
/// Users and groups by name, from any source of the machine's name service switch: it runs getent(1), searched in PATH. ENOENT means that there
/// is no such program, ESRCH that it doesn't know the name, EIO that it failed.
/// </summary>
/// <param name="environment">The environment of the program, with the PATH to search.</param>
internal readonly unsafe struct GetEnt(EnvironmentBlock environment)
{
    private const int LargestAnswer = AccountFiles.LargestFile;
    private const int UnknownKey = 2; // exit code

    private static ReadOnlySpan<byte> Name => "getent"u8;

    /// <summary>Finds a user.</summary>
    internal Result<User> FindUser(ReadOnlySpan<byte> name)
    {
        var answer = new ByteBuffer();
        Errno error = Ask("passwd"u8, name, ref answer);
        Result<User> user = error.Failed ? error : PasswordText.Find(answer.Content, name);
        answer.Free();
        return user;
    }

    /// <summary>Finds a group.</summary>
    internal Result<uint> FindGroup(ReadOnlySpan<byte> name)
    {
        var answer = new ByteBuffer();
        Errno error = Ask("group"u8, name, ref answer);
        Result<uint> group = error.Failed ? error : GroupText.Find(answer.Content, name);
        answer.Free();
        return group;
    }

    /// <summary>Lists the supplementary groups of a user.</summary>
    internal Result<GroupIdList> GroupsOf(ReadOnlySpan<byte> user)
    {
        var answer = new ByteBuffer();
        Errno error = Ask("initgroups"u8, user, ref answer);
        Result<GroupIdList> groups = error.Failed ? error : ParseGroups(answer.Content, user);
        answer.Free();
        return groups;
    }

    /// <summary>Parses an answer about groups: <c>USER GID GID…</c>. EINVAL for anything else.</summary>
    internal static Result<GroupIdList> ParseGroups(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> user)
    {
        if (!answer.StartsWith(user) || answer.Length == user.Length || answer[user.Length] != (byte)' ')
            return new Errno(libc.EINVAL);
        ReadOnlySpan<byte> list = answer[user.Length..];
        while (!list.IsEmpty && list[0] == (byte)' ')
            list = list[1..];
        if (list.SequenceEqual("\n"u8))
            return default(GroupIdList);
        return GroupIdList.TryParse(list, out GroupIdList groups) ? groups : new Errno(libc.EINVAL);
    }

    /// <summary>Asks for one key of a database.</summary>
    private Errno Ask(ReadOnlySpan<byte> database, ReadOnlySpan<byte> key, ref ByteBuffer answer)
    {
        if (!AccountName.IsValid(key))
            return new Errno(libc.ESRCH);
        var words = new WordList(3);
        words.Add(Name);
        words.Add(database);
        words.Add(key);
        int* ends = stackalloc int[2];
        if (libc.pipe2(ends, LibC.O_CLOEXEC) < 0)
            return Errno.Last;
        using var input = new Descriptor(ends[0]);
        Errno error = Start(words.Words, ends[1], out int processId);
        _ = libc.close(ends[1]);
        if (error.Failed)
            return error;
        error = ReadAll(input.Number, ref answer);
        Errno ended = Wait(processId, killed: error.Failed);
        return error && ended;
    }

    private Errno Start(Words words, int output, out int processId)
    {
        var child = new ChildProcess();
        var program = new ProgramFile(ProgramCandidates.Of(Name, environment));
        return child.Start(program, words.List, environment.List, output, out processId);
    }

    private static Errno ReadAll(int descriptor, ref ByteBuffer answer)
    {
        const int ChunkSize = 4096;
        while (true)
        {
            int start = answer.Length;
            Errno error = start > LargestAnswer ? new Errno(libc.EFBIG) : answer.Extend(ChunkSize);
            if (error.Failed)
                return error;
            nint count;
            do
                count = libc.read(descriptor, answer.Pointer + start, ChunkSize);
            while (count < 0 && libc.errno == libc.EINTR);
            if (count < 0)
                return Errno.Last;
            answer.Truncate(start + (int)count);
            if (count == 0)
                return default;
        }
    }

    private static Errno Wait(int processId, bool killed)
    {
        if (killed)
            _ = libc.kill(processId, libc.SIGKILL);
        int status;
        while (libc.waitpid(processId, &status, 0) < 0)
        {
            if (libc.errno != libc.EINTR)
                return Errno.Last;
        }
        return status switch
        {
            0 => default,
            UnknownKey << 8 => new Errno(libc.ESRCH),
            _ => new Errno(libc.EIO),
        };
    }
}
