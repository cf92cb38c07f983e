using DyLoraMoe.Demo.Cluster;
using DyLoraMoe.Demo.Lessons;
using DyLoraMoe.Demo.Output;

namespace DyLoraMoe.Demo;

/// <summary>Shows all resources while something is waited for.</summary>
internal sealed class Watcher(DemoCluster cluster, Screen screen, TimeProvider time)
{
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    // Something may fail for a moment, such as a reference that a cache has not seen yet.
    private static readonly TimeSpan _lasting = TimeSpan.FromSeconds(5);

    private readonly long _begin = time.GetTimestamp();

    /// <summary>Waits, and shows what there is meanwhile.</summary>
    /// <param name="isDone">Whether it is as wished.</param>
    /// <param name="what">What is waited for, in words.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="lesson">The lesson whose decision is news; null for none.</param>
    /// <exception cref="DemoException">Something failed for good, or it takes too long.</exception>
    public async Task<Snapshot> UntilAsync(Func<Snapshot, bool> isDone, string what, CancellationToken cancellation, Lesson? lesson = null)
    {
        var begin = time.GetTimestamp();
        long? failing = null;
        var isTold = lesson is not { Kind: LessonKind.New or LessonKind.Paraphrase };
        while (true)
        {
            var all = await cluster.LookAsync(cancellation);
            if (!isTold && all.Skill(lesson!.Skill)?.Status.Novelty is { Decision: { } decision } novelty)
            {
                screen.Line($"  {decision}: {novelty.Message}");
                isTold = true;
            }

            screen.Show(SkillRows.Table, SkillRows.Of(all, time.GetElapsedTime(_begin)));
            if (isDone(all))
            {
                return all;
            }

            cluster.ThrowIfEnded();
            var failure = Failures.Of(all);
            failing = failure is null ? null : failing ?? time.GetTimestamp();
            if (failing is { } since && time.GetElapsedTime(since) > _lasting)
            {
                throw new DemoException($"waited for {what}, but {failure}");
            }

            if (time.GetElapsedTime(begin) > _patience)
            {
                throw new DemoException($"waited {_patience.TotalMinutes} minutes for {what}");
            }

            await Task.Delay(_between, time, cancellation);
        }
    }
}
