namespace DyLoraMoe.Core.Training.Distillation;

/// <summary>
/// Which batches of a run are learnt from data and which from a teacher. The share of data goes in equal parts from one end to the other,
/// as in <see href="https://arxiv.org/abs/2105.13880">knowledge inheritance</see>; batch after batch, so that what is learnt from
/// the teacher uses up no data. A function of the batch's number alone: nothing of it has to be saved.
/// </summary>
public sealed record Handover
{
    // The sum of a hundred tenths is not ten.
    private const double Rounding = 1e-9;

    /// <summary>All from the teacher.</summary>
    public static Handover Never { get; } = new(0, 0, 1);

    /// <summary>A handover.</summary>
    /// <param name="from">Share of data in the first batch, 0 to 1.</param>
    /// <param name="to">Share of data in the last batch, 0 to 1.</param>
    /// <param name="batches">Batches over which it goes from one to the other; afterwards it stays.</param>
    public Handover(double from, double to, long batches)
    {
        if (from is not (>= 0 and <= 1) || to is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(from), $"Shares of data go from 0 to 1, found {from} and {to}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batches);
        (From, To, Batches) = (from, to, batches);
    }

    /// <summary>Share of data in the first batch.</summary>
    public double From { get; }

    /// <summary>Share of data in the last batch.</summary>
    public double To { get; }

    /// <summary>Batches over which it goes from one to the other.</summary>
    public long Batches { get; }

    /// <summary>Whether any batch is learnt from data.</summary>
    public bool UsesData => From > 0 || To > 0;

    /// <summary>How many of the first <paramref name="batches"/> batches are learnt from data.</summary>
    /// <param name="batches">A number of batches.</param>
    public long DataBefore(long batches)
    {
        double within = Math.Min(batches, Batches);
        var slope = (To - From) / Math.Max(1, Batches - 1);
        return (long)((within * From) + (slope * within * (within - 1) / 2) + ((batches - within) * To) + Rounding);
    }

    /// <summary>Whether a batch, counted from 0, is learnt from data.</summary>
    /// <param name="batch">The batch's number.</param>
    public bool IsData(long batch) => DataBefore(batch + 1) > DataBefore(batch);
}
