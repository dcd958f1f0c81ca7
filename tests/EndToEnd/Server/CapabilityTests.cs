using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>Privileges other than ids, which may survive a change of the user, and privileges that the caller doesn't have.</summary>
public sealed class CapabilityTests
{
    private const string NoCapabilities = "CapInh 0000000000000000\nCapPrm 0000000000000000\nCapEff 0000000000000000\nCapAmb 0000000000000000\n";

    // Prints the capabilities of the process that the front end has become.
    private const string Show = "sed -n 's/^\\(Cap[IPEA][nrfm][hmfb]\\):[[:space:]]*/\\1 /p' /proc/$s/status";

    [Theory]
    [InlineData("--securebits +no_setuid_fixup")]
    [InlineData("--securebits +no_setuid_fixup,+no_setuid_fixup_locked")]
    public void A_server_that_is_not_root_has_no_capability_whatever_the_securebits_are(string securebits) => Script.Expect(
        $"""
        mkfifo ready
        setpriv {securebits} s6-ipcserver -1 -u 1001 -g 1001 sock grep ^CapEff /proc/self/status >ready & s=$!
        read -r _ <ready
        {Show}
        s6-ipcclient sock s6-ioconnect </dev/null
        """,
        NoCapabilities + "CapEff:\t0000000000000000\n");

    [Fact]
    public void What_is_ambient_outlives_an_execve_and_so_stays() => Script.Expect(
        $"""
        mkfifo ready
        setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps +setuid,+setgid,+net_raw --ambient-caps +setuid,+setgid,+net_raw \
            s6-ipcserver -1 -u 1001 -g 1001 sock true >ready & s=$!
        read -r _ <ready
        {Show}
        """,
        "CapInh 00000000000020c0\nCapPrm 00000000000020c0\nCapEff 00000000000020c0\nCapAmb 00000000000020c0\n");

    [Fact]
    public void A_capability_that_cannot_be_given_up_ends_the_drop() => Script.Expect(
        """
        setpriv --securebits +no_setuid_fixup strace -o trace -e trace=capset -e inject=capset:retval=0 s6-applyuidgid -u 1001 touch ran
        echo $?; test -e ran && echo ran
        """,
        "111\n",
        "s6-applyuidgid: fatal: unable to give up capabilities: Operation not permitted\n");

    [Theory, Trait("Decision", "3")]
    [InlineData("-u 1001 -g 1001", "1001")]
    [InlineData("-u 1001", "1000")]
    public void Decision_3_Who_may_change_ids_without_being_root_loses_its_groups_too(string options, string groups) => Script.Expect(
        $"""
        setpriv --reuid 1000 --regid 1000 --groups 4,20 --inh-caps +setuid,+setgid --ambient-caps +setuid,+setgid s6-applyuidgid {options} id -G
        """,
        groups + "\n");

    [Fact, Trait("Decision", "3")]
    public void Decision_3_Groups_that_the_kernel_keeps_are_fatal() => Script.Expect(
        """
        setpriv --reuid 1000 --regid 1000 --groups 4,20 --inh-caps +setuid --ambient-caps +setuid s6-applyuidgid -u 1001 touch ran
        echo $?; test -e ran && echo ran
        """,
        "111\n",
        "s6-applyuidgid: fatal: unable to set supplementary group list: Operation not permitted\n");

    [Theory]
    [InlineData("chmod u+s")]
    [InlineData("chgrp 1002 FILE; chmod g+s")]
    [InlineData("setcap cap_net_raw+ep")]
    public void With_more_privileges_than_its_caller_no_role_runs(string make) => Script.Expect(
        $"""
        cp "$(command -v localservice)" localservice; chmod 755 localservice
        {make.Replace("FILE", "localservice", System.StringComparison.Ordinal)} localservice
        for role in $(localservice --list | sed 's/ .*//') --list; do
            as1000 ./localservice $role -u 0 id -u 2>>errors </dev/null; echo $?
        done | sort -u
        sort -u errors
        """,
        "100\nlocalservice: fatal: refusing to run with more privileges than the caller has (set-user-ID, set-group-ID or file capabilities)\n");
}
