using System;
using LocalService.CommandLine;
using LocalService.Libc;
using LocalService.Posix;
using LocalService.Rules;

namespace LocalService.FdHolder;

/// <summary>The command line of s6-fdholderd. Specification "fdholder", section 3.</summary>
internal unsafe struct HolderOptions
{
    private const uint MostClients = 256;

    // What is left of the limit on open descriptors for other uses when it is what limits the held ones.
    private const uint OtherDescriptors = 6;

    /// <summary>From 1 on there are warnings.</summary>
    internal uint Verbosity { get; private set; }

    internal bool NotifyReadiness { get; private set; }

    /// <summary>The most clients at a time, 1 to 256.</summary>
    internal uint MaximumClients { get; private set; }

    /// <summary>The most held descriptors, at least 1.</summary>
    internal uint MaximumDescriptors { get; private set; }

    /// <summary>How long a client may take for its first answer, and each later one to be sent; 0 without limit.</summary>
    internal uint ClientMilliseconds { get; private set; }

    /// <summary>How long answers may take after SIGTERM; 0 without limit.</summary>
    internal uint LameDuckMilliseconds { get; private set; }

    internal RuleSource Rules { get; private set; }

    /// <summary>The number that every descriptor of the process is below: the soft RLIMIT_NOFILE.</summary>
    internal int DescriptorLimit { get; private set; }

    /// <summary>Whether the limit on open descriptors is too low to serve anybody.</summary>
    internal readonly bool LimitIsTooLow => DescriptorLimit <= OtherDescriptors;

    /// <summary>False when the command line is wrong.</summary>
    internal static bool TryParse(Words words, out HolderOptions options)
    {
        options = new HolderOptions { Verbosity = 1, MaximumClients = 16, MaximumDescriptors = 1000 };
        var parser = new OptionParser(words, "1v:c:n:t:T:i:x:"u8);
        for (byte option = parser.Next(); option != OptionParser.End; option = parser.Next())
        {
            if (!options.TryTake(option, parser.Argument, parser.ArgumentPointer))
                return false;
        }
        options.CorrectLimits();
        return true;
    }

    private bool TryTake(byte option, ReadOnlySpan<byte> argument, byte* path)
    {
        uint number = 0;
        bool isNumber = option is (byte)'v' or (byte)'c' or (byte)'n' or (byte)'t' or (byte)'T';
        if (isNumber && !Numbers.TryParse(argument, out number))
            return false;
        switch (option)
        {
            case (byte)'1': NotifyReadiness = true; return true;
            case (byte)'v': Verbosity = number; return true;
            case (byte)'c': MaximumClients = number; return true;
            case (byte)'n': MaximumDescriptors = number; return true;
            case (byte)'t': ClientMilliseconds = number; return true;
            case (byte)'T': LameDuckMilliseconds = number; return true;
            case (byte)'i': Rules = RuleSource.Directory(path); return true;
            case (byte)'x': Rules = RuleSource.Database(path); return true;
            default: return false;
        }
    }

    private void CorrectLimits()
    {
        libc.rlimit limit;
        bool known = libc.getrlimit(libc.RLIMIT_NOFILE, &limit) == 0;
        DescriptorLimit = known && limit.rlim_cur < int.MaxValue ? (int)limit.rlim_cur : int.MaxValue;
        if (MaximumClients > MostClients)
            MaximumClients = MostClients;
        if (MaximumClients == 0)
            MaximumClients = 1;
        if (MaximumDescriptors == 0)
            MaximumDescriptors = 1;
        if (!LimitIsTooLow && MaximumDescriptors > (uint)DescriptorLimit - OtherDescriptors)
            MaximumDescriptors = (uint)DescriptorLimit - OtherDescriptors;
    }
}
