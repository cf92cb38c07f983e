namespace DyLoraMoe.Trainer.Predictions.Running;

/// <summary>Finds a rate that is better than its neighbours on a ladder of rates: for a loss with one valley, the best of all.</summary>
internal static class RateClimb
{
    /// <summary>Climbs up or down for as long as that helps; what diverges is left downwards, for lower rates diverge less.</summary>
    /// <param name="start">The rung to begin at.</param>
    /// <param name="count">Rungs of the ladder.</param>
    /// <param name="loss">The loss on a rung, infinite where training diverges; may be asked for again.</param>
    /// <returns>The rung; null when every one that was met diverges, down to the lowest.</returns>
    public static int? From(int start, int count, Func<int, double> loss)
    {
        for (var at = start; ;)
        {
            var here = loss(at);
            if (at + 1 < count && loss(at + 1) < here)
            {
                at++;
            }
            else if (at > 0 && (double.IsPositiveInfinity(here) || loss(at - 1) < here))
            {
                at--;
            }
            else
            {
                return double.IsPositiveInfinity(here) ? null : at;
            }
        }
    }
}
