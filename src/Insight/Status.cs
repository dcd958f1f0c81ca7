using System;
using LocalService.CommandLine;
using LocalService.Errors;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Insight;

/// <summary>Shows the state of servers started with -s: once, or every second on a terminal. The format of the files: doc/insight.md.</summary>
internal readonly unsafe struct Status : IRole
{
    private const int Interval = 1_000; // milliseconds

    public static ReadOnlySpan<byte> Program => "s6-status"u8;
    public static int ManualSection => 1;
    public static ReadOnlySpan<byte> Summary => "show the connections and the counters of servers and descriptor holders"u8;

    public static ReadOnlySpan<byte> Declaration =>
        """
        -w --watch  refresh every second until q is typed; a, p and i sort by age, peer and process id
        -j --json  print one JSON array
        | -p --prometheus  print metrics for Prometheus
        file...  the files that servers were given with -s
        """u8;

    public static Outcome Run(Invocation invocation)
    {
        var diagnostics = new Diagnostics(Program);
        bool watches = false;
        StatusForm form = StatusForm.Table;
        var options = new OptionReader(invocation.Words, Declaration);
        while (options.Next(out char option))
        {
            switch (option)
            {
                case 'w': watches = true; break;
                case 'j': form = StatusForm.Json; break;
                case 'p': form = StatusForm.Prometheus; break;
            }
        }
        Words paths = options.Program();
        if (options.IsWrong)
            return diagnostics.Usage(options);
        var files = (StatusFile*)Arena.Allocate((nuint)paths.Count * (nuint)sizeof(StatusFile));
        for (int i = 0; i < paths.Count; i++)
        {
            files[i] = default;
            files[i].Path = paths.Pointer(i);
        }
        libc.ktermios settings;
        bool isTerminal = !StandardDescriptors.OutputMissing && libc.ioctl(libc.STDOUT_FILENO, libc.TCGETS, &settings) == 0;
        var view = new StatusView(files, paths.Count, form, isTerminal && form == StatusForm.Table);
        if (watches)
            return Watch(diagnostics, ref view);
        Errno error = view.Show();
        if (error.Failed)
            return diagnostics.Fatal(error, "unable to write to standard output"u8);
        int failures = 0;
        for (int i = 0; i < paths.Count; i++)
        {
            if (files[i].Error.Failed)
            {
                failures++;
                _ = diagnostics.Fatal(files[i].Error, "unable to read status of a server from "u8, paths[i]);
            }
        }
        return Outcome.Exit(failures > 0 ? ExitCode.System : ExitCode.Success);
    }

    /// <summary>Shows the status again and again. Restores the terminal at the end, however it ends, except by SIGKILL.</summary>
    private static Outcome Watch(Diagnostics diagnostics, ref StatusView view)
    {
        libc.ktermios before = default;
        bool hasKeys = !StandardDescriptors.InputMissing && libc.ioctl(libc.STDIN_FILENO, libc.TCGETS, &before) == 0;
        Result<int> signals = Signals.OpenDescriptor([libc.SIGINT, libc.SIGTERM, libc.SIGHUP, libc.SIGQUIT, libc.SIGTSTP]);
        if (signals.Failed)
            return diagnostics.Fatal(signals.Error, "unable to trap signals"u8);
        if (hasKeys)
        {
            libc.ktermios now = before;
            now.c_lflag &= ~(libc.ICANON | libc.ECHO);
            _ = libc.ioctl(libc.STDIN_FILENO, libc.TCSETS, &now);
        }
        Errno error = default;
        var watched = stackalloc pollfd[2];
        bool isOver = false;
        while (!isOver && !error.Failed)
        {
            error = view.Show();
            watched[0] = new pollfd { fd = signals.Value, events = LibC.POLLIN };
            watched[1] = new pollfd { fd = hasKeys ? libc.STDIN_FILENO : -1, events = LibC.POLLIN };
            int ready = LibC.poll(watched, 2, Interval);
            if (ready < 0)
                BackOff.RestAfterWait();
            if (ready > 0 && watched[0].revents != 0)
                isOver = true;
            if (ready > 0 && watched[1].revents != 0)
            {
                byte key;
                nint count = libc.read(libc.STDIN_FILENO, &key, 1);
                isOver |= count == 0 || (count > 0 && key == (byte)'q');
                if (count > 0 && key is (byte)'a' or (byte)'p' or (byte)'i')
                    view.Order = key;
            }
        }
        view.Finish();
        if (hasKeys)
            _ = libc.ioctl(libc.STDIN_FILENO, libc.TCSETS, &before);
        return error.Failed ? diagnostics.Fatal(error, "unable to write to standard output"u8) : Outcome.Exit(ExitCode.Success);
    }
}
