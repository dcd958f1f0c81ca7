using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>
/// User namespaces with the ids 0 to 1999. Any other client looks like user 65534 there, and must not be taken for that user.
/// </summary>
public sealed class UnmappedIdTests
{
    private const string Explanation = "may be anybody: this user namespace has no mapping for the client";

    [Theory]
    [InlineData("U=65534 G=7", "uid 65534 gid 7")]
    [InlineData("U=7 G=65534", "uid 7 gid 65534")]
    [InlineData("U=65534 G=65534", "uid 65534 gid 65534")]
    public void The_gate_refuses_them_unless_it_is_told_otherwise(string client, string ids) => Script.Expect(
        $"""
        put uid/65534/allow gid/65534/allow
        s6-accessrules-cdb-from-fs c r
        for rules in '-i r' '-x c'; do
            {client} acc -v 0 -E $rules echo everything is mapped
            {client} partlymapped acc -E $rules echo let in || echo $?
            {client} partlymapped acc -v 0 -E $rules echo let in || echo $?
            {client} partlymapped acc -v 0 -E -n $rules echo may count
        done
        {client} partlymapped acc -v 0 -E echo no rules, no ids
        """,
        """
        everything is mapped
        1
        1
        may count
        everything is mapped
        1
        1
        may count
        no rules, no ids
        """,
        $"""
        s6-ipcserver-access: info: deny pid PID {ids}: {Explanation}
        s6-ipcserver-access: info: deny pid PID {ids}: {Explanation}
        """);

    [Fact]
    public void Whoever_is_mapped_is_known_as_before() => Script.Expect(
        """
        put uid/1999/allow uid/default/deny
        U=1999 partlymapped acc -v 0 -E -i r echo let in
        partlymapped acc -v 0 -E -i r echo let in || echo $?
        """,
        """
        let in
        1
        """);

    [Fact]
    public void Without_proc_the_usual_one_of_these_ids_is_taken_for_one() => Script.Expect(
        """
        put uid/65534/allow uid/65533/allow
        U=65534 unshare --mount bash -c 'mount -t tmpfs none /proc; acc -E -i r echo let in || echo $?; U=65533 acc -v 0 -E -i r echo let in'
        """,
        """
        1
        let in
        """,
        $"s6-ipcserver-access: info: deny pid PID uid 65534 gid 1001: {Explanation}");

    [Theory]
    [InlineData("")]
    [InlineData("-S ")]
    public void A_server_does_not_take_them_for_the_user_whom_they_look_like(string mode) => Script.Expect(
        $$"""
        put uid/65534/allow uid/self/allow
        ready() { mkfifo ready; partlymapped s6-ipcserver -1 {{mode}}-- sock s6-ipcserver-access "$@" echo let in >ready & server=$!; read -r _ <ready; rm ready; }
        ask() { setpriv --reuid $1 --regid $1 --clear-groups s6-ipcclient sock s6-ioconnect; }
        ready -i r
        ask 3000
        ask 65534
        ask 0
        kill $server
        wait $server
        ready -v 0 -n -i r
        ask 3000
        """,
        """
        let in
        let in
        """,
        $"""
        s6-ipcserver-access: info: deny pid PID uid 65534 gid 65534: {Explanation}
        s6-ipcserver-access: info: deny pid PID uid 65534 gid 65534: {Explanation}
        s6-ipcserver-access: info: allow pid PID uid 0 gid 0
        """);

    [Theory]
    [InlineData("s6-fdholder-daemon -1")]
    [InlineData("s6-ipcserver-socketbinder sk s6-fdholderd -1")]
    public void The_holder_refuses_them_unless_it_is_told_otherwise(string holder) => Script.Expect(
        $$"""
        grant_all uid/65534
        ready() { mkfifo ready; partlymapped {{holder}} "$@" -i r $path >ready & server=$!; read -r _ <ready; rm ready; }
        case '{{holder}}' in *daemon*) path=sk ;; esac
        list() { setpriv --reuid 3000 --regid 3000 --clear-groups s6-fdholder-list sk 2>/dev/null && echo listed; }
        ready
        list
        kill $server
        wait $server
        ready -N
        list
        """,
        "listed",
        $"s6-fdholderd: warning: deny uid 65534 gid 65534: {Explanation}");
}
