using LocalService.CommandLine;
using LocalService.Memory;

namespace LocalService.Accounts;

/// <summary>
/// The common part of front ends over a Unix socket: the options that they pass on to ipcserver-socketbinder, and the beginning of its part of
/// the chain. Specification "server", section 2.
/// </summary>
internal struct BinderOptions
{
    /// <summary>The most words that <see cref="AddTo"/> adds.</summary>
    internal const int MostWords = 5;

    private bool bindOnly;
    private bool keepLiving;
    private CString owner;

    /// <summary>Takes one of the options <c>-d -D -k -o</c>.</summary>
    internal void Take(char option, ref OptionReader options)
    {
        switch (option)
        {
            case 'd': bindOnly = false; break;
            case 'D': bindOnly = true; break;
            case 'k': keepLiving = true; break;
            case 'o':
                // Checked here, so that a mistake is reported before anything is bound.
                _ = IdArguments.Owner(ref options);
                owner = options.ArgumentPointer;
                break;
        }
    }

    /// <summary>Begins the command line of the binder. More options, <c>--</c> and the path follow.</summary>
    internal readonly void AddTo(ref WordList chain)
    {
        chain.AddRole("s6-ipcserver-socketbinder"u8);
        if (bindOnly)
            chain.Add("-D"u8);
        if (keepLiving)
            chain.Add("-k"u8);
        chain.Add("-o"u8, owner);
    }
}
