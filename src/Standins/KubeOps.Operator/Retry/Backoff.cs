namespace KubeOps.Operator.Retry;

/// <summary>Waits that double with each failure in a row; each is drawn from the upper half, so that instances part.</summary>
internal sealed record Backoff(TimeSpan First, TimeSpan Longest)
{
    private const int LargestExponent = 30;

    public static Backoff Default { get; } = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));

    public TimeSpan After(int failures)
    {
        var doubled = First * Math.Pow(2, Math.Min(failures - 1, LargestExponent));
        var wait = doubled < Longest ? doubled : Longest;
        return wait * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
