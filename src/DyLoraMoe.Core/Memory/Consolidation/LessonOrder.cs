using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>Which lessons a step has: all in turn, in a new order each time round.</summary>
/// <param name="lessons">How many there are.</param>
/// <param name="rows">How many a step has.</param>
/// <param name="seed">Seed of the orders.</param>
internal sealed class LessonOrder(int lessons, int rows, ulong seed)
{
    private static readonly ulong _purpose = SeededRandom.Key("memory lesson order");

    private readonly Queue<int> _left = new();
    private ulong _round;

    /// <summary>The lessons of the next step, each at most once.</summary>
    public IReadOnlyList<int> Next()
    {
        List<int> chosen = [];
        while (chosen.Count < rows)
        {
            if (_left.Count == 0)
            {
                int[] order = [.. Enumerable.Range(0, lessons)];
                new SeededRandom(seed, _purpose, _round++).Shuffle(order.AsSpan());
                Array.ForEach(order, _left.Enqueue);
            }

            var next = _left.Dequeue();
            if (!chosen.Contains(next))
            {
                chosen.Add(next);
            }
        }

        return chosen;
    }
}
