using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.FdHolder;

/// <summary>The command line of s6-fdholderd. Specification "fdholder", section 3.</summary>
internal unsafe struct HolderOptions
{
    private const uint MostClients = 256;

    // How many descriptors stay for other uses when the limit on open descriptors determines how many are held.
    private const uint OtherDescriptors = 6;

    /// <summary>From 1 on there are warnings.</summary>
    internal uint Verbosity { get; private set; }

    internal bool NotifyReadiness { get; private set; }

    /// <summary>Whether a service manager has opened the socket: <see cref="ServiceManager"/>.</summary>
    internal bool TakesSocket { get; private set; }

    /// <summary>Whether the manager is told when the holder is ready, and when it begins to end.</summary>
    internal bool TellsManager { get; private set; }

    /// <summary>The most clients at a time, 1 to 256.</summary>
    internal uint MaximumClients { get; private set; }

    /// <summary>The most held descriptors, at least 1.</summary>
    internal uint MaximumDescriptors { get; private set; }

    /// <summary>How long a client may take for its first answer, and each later one to be sent; 0 without limit.</summary>
    internal uint ClientMilliseconds { get; private set; }

    /// <summary>How long answers may take after SIGTERM; 0 without limit.</summary>
    internal uint LameDuckMilliseconds { get; private set; }

    internal RuleSource Rules { get; private set; }

    /// <summary>The file that the holder shows its status in; null: none.</summary>
    internal CString StatusFile { get; private set; }

    /// <summary>Whether an id counts that stands for all users without a mapping: <see cref="UnmappedIds"/>.</summary>
    internal bool UnmappedIdsCount { get; private set; }

    /// <summary>The number that no descriptor of the process reaches: the soft RLIMIT_NOFILE.</summary>
    internal int DescriptorLimit { get; private set; }

    /// <summary>Whether the limit on open descriptors is too low to serve anybody.</summary>
    internal readonly bool LimitIsTooLow => DescriptorLimit <= OtherDescriptors;

    /// <summary>Reads the command line.</summary>
    internal static HolderOptions Read(ref OptionReader reader)
    {
        var options = new HolderOptions { Verbosity = 1, MaximumClients = 16, MaximumDescriptors = 1000 };
        while (reader.Next(out char option))
        {
            switch (option)
            {
                case '1': options.NotifyReadiness = true; break;
                case 'L': options.TakesSocket = true; break;
                case 'M': options.TellsManager = true; break;
                case 'N': options.UnmappedIdsCount = true; break;
                case 'v': options.Verbosity = reader.Number(); break;
                case 'c': options.MaximumClients = reader.Number(least: 1); break;
                case 'n': options.MaximumDescriptors = reader.Number(least: 1); break;
                case 't': options.ClientMilliseconds = reader.Number(); break;
                case 'T': options.LameDuckMilliseconds = reader.Number(); break;
                case 's': options.StatusFile = reader.ArgumentPointer; break;
                case 'i': options.Rules = RuleSource.Directory(reader.ArgumentPointer); break;
                case 'x': options.Rules = RuleSource.Database(reader.ArgumentPointer); break;
            }
        }
        options.CorrectLimits();
        return options;
    }

    private void CorrectLimits()
    {
        libc.rlimit limit;
        bool known = libc.getrlimit(libc.RLIMIT_NOFILE, &limit) == 0;
        DescriptorLimit = known && limit.rlim_cur < int.MaxValue ? (int)limit.rlim_cur : int.MaxValue;
        if (MaximumClients > MostClients)
            MaximumClients = MostClients;
        if (!LimitIsTooLow && MaximumDescriptors > (uint)DescriptorLimit - OtherDescriptors)
            MaximumDescriptors = (uint)DescriptorLimit - OtherDescriptors;
    }
}
