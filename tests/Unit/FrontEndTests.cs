using LocalService.CommandLine;
using LocalService.FdHolder;
using LocalService.Posix;
using LocalService.Server;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>The command lines that the front ends become. Specification "server", section 1, and "fdholder", case 26.</summary>
public sealed unsafe class FrontEndTests
{
    [Theory]
    [InlineData("-v 2 -1 -c 5 -n 20 -b 7 -t 3000 -T 2000 -u 65534 -g 65534 -G 12,13 -i rules sk", 3,
        "s6-ipcserver-socketbinder -b 7 -- sk s6-applyuidgid -u 65534 -g 65534 -G 12,13 -- s6-fdholderd -v 2 -1 -c 5 -n 20 -t 3000 -T 2000 -i rules")]
    [InlineData("-v 1 -c 0 -n 0 -t 0 -T 0 -i a -x b sk more words", 2, "s6-ipcserver-socketbinder -- sk s6-fdholderd -c 1 -n 1 -x b")]
    [InlineData("-D -d -D -b 0 -v0 -x b -i a sk", 2, "s6-ipcserver-socketbinder -D -b 0 -- sk s6-fdholderd -v 0 -i a")]
    [InlineData("-u 3 -G 1 -U -g 5 -u 0 -i r sk", 3, "s6-ipcserver-socketbinder -- sk s6-applyuidgid -Uz -g 5 -- s6-fdholderd -i r")]
    [InlineData("-LM -D -b 3 -u 5 -i r sk", 2, "s6-applyuidgid -u 5 -- s6-fdholderd -L -M -i r")]
    public void The_holder_is_a_chain_of_its_own_roles(string words, int roles, string chain) => Check<FdHolderDaemon>(words, roles, chain);

    [Theory]
    [InlineData("sk true", 2, "s6-ipcserver-socketbinder -- sk s6-ipcserverd -- true")]
    [InlineData("-u 1 sk s6-ipcserverd x", 3, "s6-ipcserver-socketbinder -- sk s6-applyuidgid -u 1 -- s6-ipcserverd -- s6-ipcserverd x")]
    [InlineData("-1LN -k -a 0700 -U sk true", 2, "s6-applyuidgid -Uz -- s6-ipcserverd -1 -L -N -- true")]
    [InlineData("-l -m -I sk true", 2, "s6-ipcserver-socketbinder -- sk s6-ipcserverd -Iml -- true")]
    [InlineData("-mP --client-pid sk true", 2, "s6-ipcserver-socketbinder -- sk s6-ipcserverd -PIm -- true")]
    public void The_server_is_a_chain_of_its_own_roles_and_of_what_the_user_names(string words, int roles, string chain) =>
        Check<IpcServer>(words, roles, chain);

    private static void Check<TRole>(string words, int roles, string chain)
        where TRole : IRole
    {
        var list = new Words(Properties.ToNativeList(["role", .. words.Split(' ')]));
        Outcome outcome = TRole.Run(new Invocation(list, new EnvironmentBlock(Properties.ToNativeList([]))));
        Assert.True(outcome.BecomesProgram);
        Assert.Equal((chain, roles), (string.Join(' ', Properties.ToTexts(outcome.Command.List)), outcome.OwnRoles));
    }
}
