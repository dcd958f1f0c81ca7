using LocalService.Libc;

namespace LocalService.Posix;

/// <summary>Holds back all signals that can be blocked for as long as it lives: the operation under way is completed first.</summary>
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

    /// <summary>Lets them through again; those that arrived meanwhile take effect now.</summary>
    public void Dispose()
    {
        fixed (libc.sigset_t* mask = &before)
            _ = libc.sigprocmask(libc.SIG_SETMASK, mask, null);
    }
}
