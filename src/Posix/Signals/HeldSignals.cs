using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>While it lives no signal is delivered, except those that can't be blocked: what is under way is brought to its end first.</summary>
internal unsafe ref struct HeldSignals
{
    private libc.sigset_t before;

    private HeldSignals(libc.sigset_t before) => this.before = before;

    /// <summary>Starts holding them.</summary>
    internal static HeldSignals Begin()
    {
        libc.sigset_t all = default;
        for (int signal = 1; signal <= 64; signal++)
            all.Add(signal);
        libc.sigset_t before = default;
        _ = libc.sigprocmask(libc.SIG_SETMASK, &all, &before);
        return new HeldSignals(before);
    }

    /// <summary>Lets them through again; those that arrived meanwhile act now.</summary>
    public void Dispose()
    {
        fixed (libc.sigset_t* mask = &before)
            _ = libc.sigprocmask(libc.SIG_SETMASK, mask, null);
    }
}
