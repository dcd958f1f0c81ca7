namespace LocalService.Bench;

/// <summary>The speed of name lookups, with a server that answers at once.</summary>
internal static class Dns
{
    private const int Names = 20_000;
    private const int Pending = 10_000;
    private const int Lookups = 300;

    internal static void Run(Session session)
    {
        session.Report.Section("dns: look-ups",
            "In a network of its own, whose server is a C program on the loopback that answers everything, and needs processor time as well. "
            + "The look-up of one name is compared with the start of `connlimit` with a program that does nothing, in the same network; the server alone is "
            + "what a process that runs already waits for its answer.");
        string names = session.NewPath();
        File.WriteAllLines(names, Enumerable.Range(0, Names).Select(number => $"n{number}.test"));
        string addresses = session.NewPath();
        File.WriteAllLines(addresses, Enumerable.Range(0, Names).Select(number => $"10.1.{number / 256}.{number % 256}"));
        string pending = session.NewPath();
        File.WriteAllLines(pending, File.ReadLines(names).Take(Pending));
        string[] toolkits = [.. session.Toolkits.Select(toolkit => toolkit.Name)];

        session.Report.Compare("from names to addresses", "Names per second", "F0", [.. toolkits, "dig +short -f"],
        [
            .. ((int[])[128, 4096]).Select(count => ($"`dnsip4-filter -c {count}`", Rates(session, names,
                [.. session.Toolkits.Select(toolkit => Role(toolkit, "dnsip4-filter", "-c", $"{count}")), ["/usr/bin/dig", "@127.0.0.1", "+short", "-f", names]]))),
        ]);
        session.Report.Compare("from addresses to names", "Addresses per second", "F0", [.. toolkits, "adnsresfilter"],
        [
            .. ((int[])[128, 4096]).Select(count => ($"`dnsname-filter -c {count}`", Rates(session, addresses,
                [.. session.Toolkits.Select(toolkit => Role(toolkit, "dnsname-filter", "-c", $"{count}")),
                    ["/usr/bin/adnsresfilter", "--config", "nameserver 127.0.0.1"]]))),
        ]);
        session.Progress.Step("one name");
        session.Report.Compare("one look-up", "Microseconds", "F0", [.. toolkits, "connlimit", "server alone", "dig"],
        [
            ("`dnsip4`", Values(session, Lookups, 0, "/dev/null", run => run[0] * 1e6 / Lookups,
                [.. session.Toolkits.Select(toolkit => Role(toolkit, "dnsip4", "a.test")), Role(session.Own, "connlimit", session.Copy("obj/bench/true")),
                    ["ask"], ["/usr/bin/dig", "@127.0.0.1", "+short", "a.test"]])),
        ]);
        session.Progress.Step("memory");
        session.Report.Compare("memory", "Most resident memory of the filter in KiB", "F0", toolkits,
        [
            ($"{Pending:N0} names pending", Values(session, 1, Pending, pending, run => run[1],
                [.. session.Toolkits.Select(toolkit => Role(toolkit, "dnsip4-filter", "-c", $"{Pending}"))])),
        ]);
    }

    /// <summary>The command line of a role; null if a toolkit doesn't have the role, such as s6 without s6-dns.</summary>
    private static string[]? Role(Toolkit toolkit, string role, params string[] arguments) =>
        File.Exists(toolkit.Program(role)) ? ["/usr/bin/env", $"PATH={toolkit.SearchPath}", toolkit.Program(role), .. arguments] : null;

    private static double[]?[] Rates(Session session, string input, string[]?[] commands)
    {
        session.Progress.Step(string.Join(' ', commands[0]![2..]));
        return Values(session, 1, 0, input, run => Names / run[0], commands);
    }

    private static double[]?[] Values(Session session, int count, int held, string input, Func<double[], double> value, string[]?[] commands)
    {
        double[][] values = new Turns().Rounds(session.Rounds, commands.Length, i => commands[i] is not { } command ? 0
            : value([.. ChildProcess.Output("obj/bench/dnsload", [$"{count}", $"{held}", input, .. Direct(command)]).Split(' ').Select(double.Parse)]));
        return [.. values.Select((rounds, i) => commands[i] == null ? null : rounds)];
    }

    // Only C's filters search for another program.
    private static string[] Direct(string[] command) =>
        command[0] == "/usr/bin/env" && !command.Any(word => word.Contains("-filter")) ? command[2..] : command;
}
