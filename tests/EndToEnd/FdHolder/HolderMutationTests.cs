using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>
/// A hundred thousand malformed requests, from one seed: each is answered or ends its connection, and no descriptor is lost. See
/// <c>Tools/mutate_requests.py</c>.
/// </summary>
public sealed class HolderMutationTests
{
    [Fact]
    public void Mutated_messages_are_answered_or_end_their_connection() => Script.Expect("""
        grant_all uid/0
        s6-accessrules-cdb-from-fs rules.cdb r
        SERVER=s6-fdholder-daemon serve -n 100 -v 2 -x rules.cdb sk
        mutate_requests.py sk $server 4 100000
        kill $server
        wait $server
        echo $?
        """, """
        True True True
        0
        """);
}
