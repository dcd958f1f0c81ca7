namespace LocalService.Bench;

/// <summary>Runs the measurement that the first argument names, in the root of the source tree.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments.FirstOrDefault())
        {
            case "startup":
                return Startup.Run(arguments.Length > 1 ? int.Parse(arguments[1]) : Startup.DefaultRounds, arguments.Skip(2));
            case "memory":
                return Memory.Run();
            default:
                Console.Error.WriteLine("usage: bench startup [ROUNDS [EXECUTABLE...]] | memory");
                return 100;
        }
    }
}
