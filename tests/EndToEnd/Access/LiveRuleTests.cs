using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>Rules that change while clients connect.</summary>
public sealed class LiveRuleTests
{
    [Fact]
    public void A_change_counts_from_the_next_connection_on() => Script.Expect(
        """
        put uid/0/allow
        serve sock s6-ipcserver-access -v 0 -i r printenv -0 IPCREMOTEEUID GREETING
        try() { echo "$1: $(s6-ipcclient sock s6-ioconnect | tr '\0' ' ')"; }
        try allowed
        mkdir r/uid/0/env
        echo hello >r/uid/0/env/GREETING
        try greeted
        mv r/uid/0/allow r/uid/0/deny
        try denied
        rm -r r/uid/0
        try unknown
        put gid/0/allow
        try by-group
        mv r away
        try no-rules
        mv away r
        try again
        """,
        """
        allowed: 0 
        greeted: 0 hello 
        denied: 
        unknown: 
        by-group: 0 
        no-rules: 
        again: 0 
        """);

    [Theory]
    [InlineData("-i rules")]
    [InlineData("-x rules.cdb")]
    public void A_client_meets_the_old_rules_or_the_new_ones_never_a_mixture(string rules) => Script.Expect(
        $$"""
        for version in a b; do
            mkdir -p $version/uid/0/env
            touch $version/uid/0/allow
            echo $version | tee $version/uid/0/env/FIRST >$version/uid/0/env/SECOND
            s6-accessrules-cdb-from-fs $version.cdb $version
        done
        ln -s a rules
        cp a.cdb rules.cdb
        serve sock s6-ipcserver-access -v 0 {{rules}} sh -c 'echo $FIRST$SECOND'
        while :; do
            for version in a b; do
                ln -sfn $version next
                mv -T next rules
                cp $version.cdb next.cdb
                mv next.cdb rules.cdb
            done
        done &
        for i in {1..150}; do
            s6-ipcclient sock s6-ioconnect
        done >answers
        grep -cE '^(aa|bb)$' answers
        grep -vE '^(aa|bb)$' answers
        until_true sh -c 's6-ipcclient sock s6-ioconnect | grep aa' >/dev/null
        until_true sh -c 's6-ipcclient sock s6-ioconnect | grep bb' >/dev/null
        """,
        "150");

    [Theory]
    [InlineData("s6-accessrules-cdb-from-fs")]
    [InlineData("/usr/bin/s6-accessrules-cdb-from-fs")]
    public void A_compiler_may_run_while_clients_connect(string compiler) => Script.Expect(
        $$"""
        put uid/0/allow
        s6-accessrules-cdb-from-fs c r
        serve sock s6-ipcserver-access -v 0 -x c echo let in
        while :; do
            {{compiler}} c r
        done &
        for i in {1..100}; do
            s6-ipcclient sock s6-ioconnect
        done | uniq -c | tr -s ' '
        """,
        " 100 let in");
}
