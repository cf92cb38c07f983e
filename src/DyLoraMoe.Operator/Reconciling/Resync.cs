namespace DyLoraMoe.Operator.Reconciling;

/// <summary>When an object is looked at again although nothing told of a change. Spread, so that a thousand objects do not come at once.</summary>
internal sealed class Resync(TimeSpan settled, Random random)
{
    private static readonly TimeSpan _longestBackoff = TimeSpan.FromMinutes(5);

    /// <summary>For an object that is as it should be: watches tell of every change, so this is only a net under them.</summary>
    public TimeSpan Settled() => Spread(settled);

    /// <summary>For an object that has something to do at a time to come: then, and by no more than a second later, unless a look under the net comes first.</summary>
    public TimeSpan Until(TimeSpan left)
    {
        var net = Settled();
        lock (random)
        {
            var then = (left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromSeconds(random.NextDouble());
            return then < net ? then : net;
        }
    }

    /// <summary>For an object that waits.</summary>
    public TimeSpan Waiting(TimeSpan within) => Spread(within);

    /// <summary>After <paramref name="failures"/> failures in a row: from half a second to five minutes.</summary>
    public TimeSpan AfterFailure(int failures)
    {
        var seconds = 0.5 * Math.Pow(2, Math.Min(failures - 1, 12));
        return Spread(seconds < _longestBackoff.TotalSeconds ? TimeSpan.FromSeconds(seconds) : _longestBackoff);
    }

    private TimeSpan Spread(TimeSpan time)
    {
        lock (random)
        {
            return time * (0.8 + (0.4 * random.NextDouble()));
        }
    }
}
