namespace TorchSharp;

/// <summary>How many objects this thread made and disposed, in and outside dispose scopes.</summary>
public class LifetimeStatistics
{
    public long CreatedOutsideScopeCount { get; internal set; }

    public long DisposedOutsideScopeCount { get; internal set; }

    public long CreatedInScopeCount { get; internal set; }

    public long DisposedInScopeCount { get; internal set; }

    public long AttachedToScopeCount { get; internal set; }

    public long DetachedFromScopeCount { get; internal set; }

    public long ThreadTotalLiveCount =>
        CreatedInScopeCount - DisposedInScopeCount + CreatedOutsideScopeCount - DisposedOutsideScopeCount;

    public void Reset()
    {
        CreatedOutsideScopeCount = 0;
        DisposedOutsideScopeCount = 0;
        CreatedInScopeCount = 0;
        DisposedInScopeCount = 0;
        AttachedToScopeCount = 0;
        DetachedFromScopeCount = 0;
    }

    public override string ToString() => Describe(
        ThreadTotalLiveCount, CreatedOutsideScopeCount, DisposedOutsideScopeCount, CreatedInScopeCount, DisposedInScopeCount,
        AttachedToScopeCount, DetachedFromScopeCount);

    internal static string Describe(
        long live, long createdOutside, long disposedOutside, long createdIn, long disposedIn, long attached, long detached) =>
        $"ThreadTotalLiveCount: {live}; CreatedOutsideScopeCount: {createdOutside}; DisposedOutsideScopeCount: {disposedOutside}; "
        + $"CreatedInScopeCount: {createdIn}; DisposedInScopeCount: {disposedIn}; AttachedToScopeCount: {attached}; "
        + $"DetachedFromScopeCount: {detached}";
}
