using System;
using System.Runtime.CompilerServices;
using LocalService.Access;
using LocalService.ChainLoading;
using LocalService.Client;
using LocalService.CommandLine;
using LocalService.Dns.Filters;
using LocalService.Dns.Lookups;
using LocalService.Dns.Session;
using LocalService.Events;
using LocalService.FdHolder;
using LocalService.Insight;
using LocalService.Locks;
using LocalService.Memory;
using LocalService.Posix;
using LocalService.Privilege;
using LocalService.Server;
using LocalService.Sudo;
using LocalService.Syslog;
using LocalService.Tcp;
using LocalService.Tcp.Access;
using LocalService.Tcp.Client;
using LocalService.Tcp.Ident;

namespace LocalService;

/// <summary>The only list of roles.</summary>
internal static unsafe class RoleTable
{
    // One line for each role, in the order in which they are shown: its name without the prefix, and its type.
    private static delegate*<Role> Find(ref Search search)
    {
        if (search.Finds("ipcserver"u8)) return &Role.Of<IpcServer>;
        if (search.Finds("ipcserver-socketbinder"u8)) return &Role.Of<IpcServerSocketBinder>;
        if (search.Finds("applyuidgid"u8)) return &Role.Of<ApplyUidGid>;
        if (search.Finds("envuidgid"u8)) return &Role.Of<EnvUidGid>;
        if (search.Finds("setuidgid"u8)) return &Role.Of<SetUidGid>;
        if (search.Finds("envdir"u8)) return &Role.Of<EnvDir>;
        if (search.Finds("softlimit"u8)) return &Role.Of<SoftLimit>;
        if (search.Finds("ipcserverd"u8)) return &Role.Of<IpcServerd>;
        if (search.Finds("ipcserver-access"u8)) return &Role.OfGate<IpcServerAccess>;
        if (search.Finds("accessrules-cdb-from-fs"u8)) return &Role.Of<AccessRulesCdbFromFs>;
        if (search.Finds("accessrules-fs-from-cdb"u8)) return &Role.Of<AccessRulesFsFromCdb>;
        if (search.Finds("connlimit"u8)) return &Role.OfGate<ConnLimit>;
        if (search.Finds("connrate"u8)) return &Role.OfGate<ConnRate>;
        if (search.Finds("ipcclient"u8)) return &Role.Of<IpcClient>;
        if (search.Finds("ioconnect"u8)) return &Role.Of<IoConnect>;
        if (search.Finds("sudo"u8)) return &Role.Of<SudoCommand>;
        if (search.Finds("sudoc"u8)) return &Role.Of<Sudoc>;
        if (search.Finds("sudod"u8)) return &Role.Of<Sudod>;
        if (search.Finds("fdholder-daemon"u8)) return &Role.Of<FdHolderDaemon>;
        if (search.Finds("fdholderd"u8)) return &Role.Of<FdHolderd>;
        if (search.Finds("fdholder-store"u8)) return &Role.Of<FdHolderStore>;
        if (search.Finds("fdholder-replace"u8)) return &Role.Of<FdHolderReplace>;
        if (search.Finds("fdholder-retrieve"u8)) return &Role.Of<FdHolderRetrieve>;
        if (search.Finds("fdholder-delete"u8)) return &Role.Of<FdHolderDelete>;
        if (search.Finds("fdholder-list"u8)) return &Role.Of<FdHolderList>;
        if (search.Finds("fdholder-getdump"u8)) return &Role.Of<FdHolderGetDump>;
        if (search.Finds("fdholder-setdump"u8)) return &Role.Of<FdHolderSetDump>;
        if (search.Finds("fdholder-transferdump"u8)) return &Role.Of<FdHolderTransferDump>;
        if (search.Finds("mkfifodir"u8)) return &Role.Of<MkFifoDir>;
        if (search.Finds("cleanfifodir"u8)) return &Role.Of<CleanFifoDir>;
        if (search.Finds("ftrig-notify"u8)) return &Role.Of<FtrigNotify>;
        if (search.Finds("ftrig-wait"u8)) return &Role.Of<FtrigWait>;
        if (search.Finds("ftrig-listen1"u8)) return &Role.Of<FtrigListen1>;
        if (search.Finds("ftrig-listen"u8)) return &Role.Of<FtrigListen>;
        if (search.Finds("ftrigrd"u8)) return &Role.Of<Ftrigrd>;
        if (search.Finds("skadnsd"u8)) return &Role.Of<Skadnsd>;
        if (search.Finds("dnsip4-filter"u8)) return &Role.Of<DnsIp4Filter>;
        if (search.Finds("dnsip6-filter"u8)) return &Role.Of<DnsIp6Filter>;
        if (search.Finds("dnsname-filter"u8)) return &Role.Of<DnsNameFilter>;
        if (search.Finds("dnsip4"u8)) return &Role.Of<DnsIp4>;
        if (search.Finds("dnsip6"u8)) return &Role.Of<DnsIp6>;
        if (search.Finds("dnsip"u8)) return &Role.Of<DnsIp>;
        if (search.Finds("dnsname"u8)) return &Role.Of<DnsName>;
        if (search.Finds("dnsmx"u8)) return &Role.Of<DnsMx>;
        if (search.Finds("dnsns"u8)) return &Role.Of<DnsNs>;
        if (search.Finds("dnstxt"u8)) return &Role.Of<DnsTxt>;
        if (search.Finds("dnssoa"u8)) return &Role.Of<DnsSoa>;
        if (search.Finds("dnssrv"u8)) return &Role.Of<DnsSrv>;
        if (search.Finds("dnsq"u8)) return &Role.Of<DnsQ>;
        if (search.Finds("dnsqr"u8)) return &Role.Of<DnsQr>;
        if (search.Finds("dnsqualify"u8)) return &Role.Of<DnsQualify>;
        if (search.Finds("dns-hosts-compile"u8)) return &Role.Of<DnsHostsCompile>;
        if (search.Finds("randomip"u8)) return &Role.Of<RandomIp>;
        if (search.Finds("tcpserver"u8)) return &Role.Of<TcpServer>;
        if (search.Finds("tcpserver-socketbinder"u8)) return &Role.Of<TcpServerSocketBinder>;
        if (search.Finds("tcpserverd"u8)) return &Role.Of<TcpServerd>;
        if (search.Finds("tcpserver-access"u8)) return &Role.OfGate<TcpServerAccess>;
        if (search.Finds("tcpclient"u8)) return &Role.Of<TcpClient>;
        if (search.Finds("ident-client"u8)) return &Role.Of<IdentClient>;
        if (search.Finds("getservbyname"u8)) return &Role.Of<GetServByName>;
        if (search.Finds("socklog"u8)) return &Role.Of<SockLog>;
        if (search.Finds("ucspilogd"u8)) return &Role.Of<UcspiLogd>;
        if (search.Finds("syslogd"u8)) return &Role.Of<SyslogDaemon>;
        if (search.Finds("lockd"u8)) return &Role.Of<Lockd>;
        if (search.Finds("lockd-helper"u8)) return &Role.Of<LockHelper>;
        if (search.Finds("setlock"u8)) return &Role.Of<SetLock>;
        if (search.Finds("lock-acquire"u8)) return &Role.Of<LockAcquire>;
        if (search.Finds("access-check"u8)) return &Role.Of<AccessCheck>;
        if (search.Finds("status"u8)) return &Role.Of<Status>;
        return null;
    }

    /// <summary>
    /// Finds a role by any of its names, <c>s6-NAME</c>, <c>s6NAME</c> and <c>NAME</c>. Only the found role is accessed: a server
    /// doesn't touch the code and texts of the others, which take no memory.
    /// </summary>
    internal static bool TryFind(ReadOnlySpan<byte> name, out Role role)
    {
        var search = new Search(Role.WithoutPrefix(name));
        return TryGet(Find(ref search), out role);
    }

    /// <summary>The role at an index from 0 on; false after the last one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryAt(int index, out Role role)
    {
        var search = new Search(index);
        return TryGet(Find(ref search), out role);
    }

    private static bool TryGet(delegate*<Role> found, out Role role)
    {
        role = found == null ? default : found();
        return found != null;
    }

    /// <summary>A search in the lines: for a name, or for the line with an index.</summary>
    private ref struct Search
    {
        private readonly ReadOnlySpan<byte> name;
        private int linesAbove;

        internal Search(ReadOnlySpan<byte> name)
        {
            this.name = name;
            linesAbove = -1;
        }

        internal Search(int index) => linesAbove = index;

        /// <summary>Whether the next line matches.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)] // halves the code for each role
        internal bool Finds(ReadOnlySpan<byte> lineName) => linesAbove < 0 ? lineName.SequenceEqual(name) : linesAbove-- == 0;
    }
}
