namespace DyLoraMoe.Core.Evaluation;

/// <summary>
/// The matrix R of continual learning: the score on every task before anything is learnt and after each stage, higher is better.
/// A loss goes in as its negative, in nats per token.
/// </summary>
/// <remarks>
/// Tasks may come back: there can be more stages than tasks, and <see cref="IntroducedAt"/> says which stage showed a task first.
/// With one stage per task, in order, every figure is the textbook's.
/// </remarks>
public sealed class ScoreMatrix
{
    private readonly double[][] _scores;

    /// <summary>Takes the scores over.</summary>
    /// <param name="introducedAt">For every task, the stage (1, 2, ...) that first taught it.</param>
    /// <param name="scores">One row per stage, row 0 being before anything; each holds one score per task.</param>
    /// <exception cref="ArgumentException">Rows of unequal length, a score that is not finite, or a stage that there is not.</exception>
    public ScoreMatrix(IReadOnlyList<int> introducedAt, IReadOnlyList<IReadOnlyList<double>> scores)
    {
        ArgumentNullException.ThrowIfNull(introducedAt);
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count < 2 || introducedAt.Count == 0)
        {
            throw new ArgumentException($"A score matrix needs a row before and one after learning, and a task; found {scores.Count} rows and {introducedAt.Count} tasks.", nameof(scores));
        }

        foreach (var row in scores)
        {
            if (row.Count != introducedAt.Count || !row.All(double.IsFinite))
            {
                throw new ArgumentException($"Expected {introducedAt.Count} finite scores in every row, found [{string.Join(", ", row)}].", nameof(scores));
            }
        }

        if (introducedAt.FirstOrDefault(stage => stage < 1 || stage >= scores.Count, 1) is var bad && (bad < 1 || bad >= scores.Count))
        {
            throw new ArgumentException($"A task is introduced at stage {bad}, expected 1 to {scores.Count - 1}.", nameof(introducedAt));
        }

        IntroducedAt = introducedAt;
        _scores = [.. scores.Select(row => row.ToArray())];
    }

    /// <summary>For every task, the stage that first taught it.</summary>
    public IReadOnlyList<int> IntroducedAt { get; }

    /// <summary>Tasks, the columns.</summary>
    public int Tasks => IntroducedAt.Count;

    /// <summary>Stages; row 0 is not counted.</summary>
    public int Stages => _scores.Length - 1;

    /// <summary>The score on a task after a stage.</summary>
    /// <param name="stage">0 for before anything.</param>
    /// <param name="task">The column.</param>
    public double this[int stage, int task] => _scores[stage][task];

    /// <summary>The mean score over all tasks after a stage.</summary>
    /// <param name="stage">0 for before anything.</param>
    public double Average(int stage) => _scores[stage].Average();

    /// <summary>The mean score after a stage over the tasks that were taught by then; NaN before the first.</summary>
    /// <param name="stage">A stage.</param>
    public double AverageOfSeen(int stage) => Seen(stage) is { Length: > 0 } seen ? seen.Average(task => this[stage, task]) : double.NaN;

    private int[] Seen(int stage) => [.. Enumerable.Range(0, Tasks).Where(task => IntroducedAt[task] <= stage)];
}
