namespace LocalService.Bench;

/// <summary>
/// The order in which candidates are measured: all of them in each round, in random order, so that whatever else the machine does hits
/// all alike. The same order in every run.
/// </summary>
internal sealed class Turns
{
    private readonly Random random = new(1);

    /// <summary>Gives each candidate one turn.</summary>
    internal void Take(int candidates, Action<int> turn)
    {
        int[] order = [.. Enumerable.Range(0, candidates)];
        random.Shuffle(order);
        foreach (int candidate in order)
            turn(candidate);
    }

    /// <summary>Gives each candidate a turn a round.</summary>
    /// <returns>For each candidate, what its turns gave.</returns>
    internal T[][] Rounds<T>(int rounds, int candidates, Func<int, T> turn)
    {
        T[][] results = [.. Enumerable.Range(0, candidates).Select(_ => new T[rounds])];
        for (int round = 0; round < rounds; round++)
            Take(candidates, candidate => results[candidate][round] = turn(candidate));
        return results;
    }
}
