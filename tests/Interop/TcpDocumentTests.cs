using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Examples of README and the page for users of ucspi-tcp, xinetd and inetd, word for word, in a network with every address.</summary>
public sealed class TcpDocumentTests
{
    private const string Page = "doc/coming-from-ucspi-tcp.md";

    // The placeholder for a program prints the line that it received, and from which client.
    private const string Program = "sh -c '[ ! -e /dev/fd/6 ] || exec <&6; read -r line; echo \"$PROTO $TCPREMOTEIP $line\"'";

    private const string Ask = "up 8001; echo hello | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect";

    private const string Served = "TCP 127.0.0.1 hello";

    // The commands of the page. Each has a script, in which it replaces "$COMMAND", and the expected output.
    private static readonly Dictionary<string, (string Script, string Output)> tried = new()
    {
        ["s6-tcpserver ADDRESS PORT prog"] = ($"$COMMAND & {Ask}", Served),
        ["s6-tcpserver ADDRESS PORT SERVER ARGS…"] = ($"$COMMAND & {Ask}", Served),
        ["s6-tcpclient HOST PORT prog"] = ("s6-tcpserver 127.0.0.1 8001 sh -c 'echo from; echo server' & up 8001; $COMMAND", "TCP 127.0.0.1 from"),
        ["s6-tcpserver … s6-tcpserver-access -X rules.cdb prog"] = (
            $"""
            printf '127.0.0.1:allow\n:deny\n' | tcprules rules.cdb rules.new
            $COMMAND 2>/dev/null & {Ask}
            echo hello | socat -t 5 - TCP:127.0.0.1:8001,bind=127.0.0.2
            rm rules.cdb
            echo hello | s6-tcpclient -H 127.0.0.1 8001 s6-ioconnect 2>/dev/null
            """, Served),
        ["s6-tcpserver-access -H -i rules"] = (
            $"""
            mkdir -p rules/ip4/127.0.0.1_32; touch rules/ip4/127.0.0.1_32/allow
            s6-tcpserver 127.0.0.1 8001 $COMMAND {Program} 2>/dev/null & {Ask}
            echo hello | socat -t 5 - TCP:127.0.0.1:8001,bind=127.0.0.2
            """, Served),
        ["s6-tcpserver -u www-data 0.0.0.0 http /usr/bin/busybox httpd -i"] = (
            "echo page >/etc/page; cd /; $COMMAND & up 80; ps -o user= -p $!; curl -s http://127.0.0.1/etc/page", "www-data\npage"),
    };

    /// <summary>The commands, as written on the page.</summary>
    public static TheoryData<string> Commands => [.. Documents.Commands(Page).Distinct()];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_of_the_page_works(string command)
    {
        Assert.True(tried.TryGetValue(command, out (string Script, string Output) test), $"nobody tries: {command}");
        string line = command.Replace("ADDRESS PORT", "127.0.0.1 8001", StringComparison.Ordinal).Replace("HOST PORT", "127.0.0.1 8001", StringComparison.Ordinal)
            .Replace("SERVER ARGS…", Program, StringComparison.Ordinal).Replace("…", "127.0.0.1 8001", StringComparison.Ordinal);
        if (line.EndsWith(" prog", StringComparison.Ordinal))
            line = line[..^"prog".Length] + Program;
        NetworkScript.Expect(test.Script.Replace("$COMMAND", line, StringComparison.Ordinal), test.Output);
    }

    [Fact]
    public void Every_tried_command_is_in_the_page() => Assert.Equal(tried.Keys.Order(), Documents.Commands(Page).Distinct().Order());

    private const string Addresses =
        """
        for last in 7 8; do
          ip addr add 192.168.$last.5/32 dev lo
          ip -6 addr add 2001:db8:$last::5/128 dev lo nodad
        done
        mount -t tmpfs none /srv; mkdir /srv/www; echo page >/srv/www/index.html
        get() { curl -s -m 30 --interface "$1" "http://$2/" || echo refused; }

        """;

    private static readonly string webServer = Documents.Block("README.md", "### A web server");

    [Fact]
    public void The_web_server_of_the_README_serves_two_networks() => NetworkScript.Expect(
        Addresses + webServer + " 2>log & up 80\n" +
        """
        server=$!
        ps -o user= -p $server
        get 192.168.7.5 127.0.0.1
        get 192.168.8.5 127.0.0.1
        get 2001:db8:7::5 '[::1]'
        get 2001:db8:8::5 '[::1]'
        ss -Hltn | wc -l
        kill $server; wait $server; echo $?
        """,
        "www-data\npage\nrefused\npage\nrefused\n1\n0");

    [Fact]
    public void It_serves_a_domain_when_names_are_looked_up() => NetworkScript.Expect(
        Addresses + "printf '5.8.168.192.in-addr.arpa PTR host.example.org\\n' | dns\n" +
        $$"""
        command=$(tail -n 1 <<'END'
        {{webServer}}
        END
        )
        for option in '' '-p '; do
          mkdir -p rules/reversedns/example.org; touch rules/reversedns/example.org/allow
          eval "${command/-H /$option} 2>>log &" && up 80; server=$!
          get 192.168.8.5 127.0.0.1
          get 192.168.7.5 127.0.0.1
          printf 'host.example.org A 192.168.8.5\n' >>zone
          get 192.168.8.5 127.0.0.1
          sed -i '/ A /d' zone
          kill $server; wait $server
        done
        """,
        "page\nrefused\npage\nrefused\nrefused\npage");

    [Fact]
    public void A_line_of_inetd_serves_as_the_command_beside_it()
    {
        string line = Assert.Single(Documents.Code(System.IO.File.ReadAllText(Repository.PathOf(Page))), code => code.Contains(" nowait ", StringComparison.Ordinal) && !code.Contains('\n', StringComparison.Ordinal));
        NetworkScript.Expect(
            $"""
            echo 'tcp 6 TCP' >/etc/protocols; echo page >/etc/page
            echo '{line}' >/etc/inetd.conf
            {Prerequisites.Inetd} -i /etc/inetd.conf 2>/dev/null & up 80
            curl -s http://127.0.0.1/etc/page
            """,
            "page");
    }

    [Fact]
    public void The_gate_stands_in_front_of_a_program_of_inetd() => NetworkScript.Expect(
        Addresses +
        $"""
        echo 'tcp 6 TCP' >/etc/protocols
        mkdir -p /etc/web-rules/ip4/127.0.0.2_32; touch /etc/web-rules/ip4/127.0.0.2_32/allow
        cat >/etc/inetd.conf <<'END'
        {Documents.Block(Page, "The other way round")}
        END
        sed -i "s,/usr/bin/s6-tcpserver-access,$(command -v s6-tcpserver-access)," /etc/inetd.conf
        {Prerequisites.Inetd} -i /etc/inetd.conf 2>/dev/null & up 8080
        get 127.0.0.2 127.0.0.1:8080
        get 127.0.0.3 127.0.0.1:8080
        """,
        "page\nrefused");

    [Fact]
    public void Rules_of_tcprules_and_their_directories_decide_alike()
    {
        var rules = new StringBuilder();
        var directory = new StringBuilder();
        foreach (string[] row in Documents.Table(Page, "tcprules"))
        {
            _ = rules.Append(Assert.Single(Documents.Code(row[0]))).Append('\n');
            string[] code = Documents.Code(row[1]);
            if (code.Length > 0)
                _ = directory.Append($"rule=$(dirname {code[0]}); mkdir -p $rule; touch {code[0]}\n");
            if (code.Length == 3)
                _ = directory.Append($"mkdir $rule/env; echo {code[2]} >$rule/{code[1]}\n");
        }
        NetworkScript.Expect(
            $$"""
            cat >rules.txt <<'END'
            {{rules}}END
            {{directory}}
            tcprules rules.cdb rules.new <rules.txt
            printf '2.0.2.10.in-addr.arpa PTR host.example.org\n3.0.2.10.in-addr.arpa PTR example.com\n' | dns
            theirs() {
              TCPREMOTEIP=$1 TCPREMOTEHOST=$2 tcprulescheck rules.cdb | sed -n 's/ connection$//p; s/^set environment variable RELAYCLIENT=//p' | sort -r | paste -sd ' '
            }
            ours() { acc $1 127.0.0.1 -v0 -l x -i rules sh -c 'echo allow${RELAYCLIENT+ $RELAYCLIENT}' || echo deny; }
            check() { echo $1 $(theirs $1 $2), $(ours $1); }
            check 10.1.2.3; check 10.1.2.100; check 10.1.2.200; check 10.1.9.9; check 10.2.0.1; check 10.2.0.2 host.example.org; check 10.2.0.3 example.com
            """,
            """
            10.1.2.3 allow, allow
            10.1.2.100 deny, deny
            10.1.2.200 allow 1, allow 1
            10.1.9.9 allow 1, allow 1
            10.2.0.1 deny, deny
            10.2.0.2 allow, allow
            10.2.0.3 deny, deny
            """);
    }
}
