namespace LocalService.Bench;

/// <summary>
/// The order in which candidates are measured: all of them in each round, in random order, so that other load on the machine affects
/// all alike. The order is the same in every run.
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

    /// <summary>Gives each candidate one turn per round.</summary>
    /// <returns>For each candidate, the results of its turns.</returns>
    internal T[][] Rounds<T>(int rounds, int candidates, Func<int, T> turn)
    {
        T[][] results = [.. Enumerable.Range(0, candidates).Select(_ => new T[rounds])];
        for (int round = 0; round < rounds; round++)
            Take(candidates, candidate => results[candidate][round] = turn(candidate));
        return results;
    }
}
