using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace LocalService.Bench;

/// <summary>A command in the form that posix_spawn(3) takes, so that a start costs only that call.</summary>
internal sealed unsafe partial class ChildProcess
{
    private readonly byte* path;
    private readonly byte** arguments;
    private readonly byte** environment;

    /// <param name="path">The file to execute; PATH is not searched.</param>
    /// <param name="arguments">All words, including the program's name.</param>
    /// <param name="environment">The whole environment, as NAME=VALUE.</param>
    internal ChildProcess(string path, string[] arguments, string[] environment)
    {
        this.path = Text(path);
        this.arguments = List(arguments);
        this.environment = List(environment);
    }

    /// <summary>Starts the program and returns its process id.</summary>
    internal int Start()
    {
        int error = posix_spawn(out int pid, path, null, null, arguments, environment);
        return error == 0 ? pid : throw new IOException($"{Marshal.PtrToStringUTF8((nint)path)}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Waits for the end of a process.</summary>
    /// <returns>Its exit code, or 128 plus the signal that killed it.</returns>
    internal static int Wait(int pid)
    {
        int status;
        while (waitpid(pid, out status, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw new IOException($"waitpid: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        return (status & 0x7f) == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f);
    }

    /// <summary>Runs the program to its end. It must succeed.</summary>
    internal void RunToEnd()
    {
        int code = Wait(Start());
        if (code != 0)
            throw new InvalidOperationException($"{Marshal.PtrToStringUTF8((nint)path)}: exit code {code}");
    }

    /// <summary>Runs a program to its end. It must succeed.</summary>
    internal static void Run(string path, params string[] arguments) =>
        new ChildProcess(path, [Path.GetFileName(path), .. arguments], ["PATH=/usr/bin:/bin"]).RunToEnd();

    /// <summary>Runs a program, which must succeed, with the environment of this process, and returns its output.</summary>
    internal static string Output(string path, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"{path} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
    }

    /// <summary>The effective user id of this process.</summary>
    internal static uint UserId => geteuid();

    /// <summary>Sends SIGTERM.</summary>
    internal static void Terminate(int pid) => _ = kill(pid, 15);

    /// <summary>Binds the calling thread to one processor, with the processes that it starts, for the time of an action.</summary>
    internal static void OnOneProcessor(Action action)
    {
        // The masks of cpu_set_t, with the last of the first 64 processors that this process may use.
        const int Words = 16;
        const int Size = Words * sizeof(ulong);
        ulong* allowed = stackalloc ulong[Words];
        ulong* one = stackalloc ulong[Words];
        bool known = sched_getaffinity(0, Size, allowed) >= 0 && allowed[0] != 0;
        if (known)
        {
            new Span<ulong>(one, Words).Clear();
            one[0] = 1UL << (63 - System.Numerics.BitOperations.LeadingZeroCount(allowed[0]));
            _ = sched_setaffinity(0, Size, one);
        }
        action();
        if (known)
            _ = sched_setaffinity(0, Size, allowed);
    }

    // Never freed: a measurement has only a few commands.
    private static byte* Text(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    private static byte** List(string[] words)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)words.Length + 1, (nuint)sizeof(byte*));
        for (int i = 0; i < words.Length; i++)
            list[i] = Text(words[i]);
        return list;
    }

    private const int Interrupted = 4;

    [LibraryImport("libc")]
    private static partial int posix_spawn(out int pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int waitpid(int pid, out int status, int options);

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int pid, nuint size, ulong* set);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int pid, nuint size, ulong* set);
}
