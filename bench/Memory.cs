namespace LocalService.Bench;

internal static class Memory
{
    internal static int Run() => 0;
}
