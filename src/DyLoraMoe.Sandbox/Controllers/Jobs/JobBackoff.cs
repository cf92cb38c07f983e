using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Jobs;

/// <summary>How long a Job waits before it replaces failed pods: base * 2^(failures since the last success - 1) after the last failure.</summary>
internal static class JobBackoff
{
    public static TimeSpan Remaining(IEnumerable<V1Pod> pods, DateTime now, TimeSpan first, TimeSpan longest)
    {
        var ended = pods.Where(pod => pod.IsFinished() && !pod.IsTerminating()).Select(pod => (pod.IsFailed(), At: pod.FinishedAt() ?? now)).ToList();
        var success = ended.Where(end => !end.Item1).Select(end => end.At).DefaultIfEmpty(DateTime.MinValue).Max();
        var failures = ended.Where(end => end.Item1 && end.At >= success).Select(end => end.At).ToList();
        if (failures.Count == 0)
        {
            return TimeSpan.Zero;
        }

        var delay = TimeSpan.FromTicks(Math.Min(longest.Ticks, first.Ticks << Math.Min(failures.Count - 1, 30)));
        var remaining = failures.Max() + delay - now;
        return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
    }
}
