using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>
/// Lets one process at a time work on a job, whatever machine it is on. Who wants to writes a claim under a name of its own and then looks: it holds the lease when there is no
/// other claim. Of several that see each other all but the one with the smallest name step back. A claim is kept alive by changing its content; one that has not changed for long
/// is removed by whoever waits for it. No clocks are compared, and the store needs no conditional writes.
/// </summary>
internal sealed class BucketLease : IDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    private readonly S3Bucket _bucket;
    private readonly string _claim;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private long _beats;
    private bool _isOver;

    private BucketLease(S3Bucket bucket, string claim)
    {
        (_bucket, _claim) = (bucket, claim);
        Beat();
        _timer = bucket.Time.CreateTimer(_ => TryBeat(), null, bucket.Options.LeaseBeat, bucket.Options.LeaseBeat);
    }

    /// <summary>Waits until nobody else works on the job.</summary>
    public static BucketLease Take(S3Bucket bucket, string job, Action<string> say, CancellationToken stop)
    {
        var own = $"leases/{job}/{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
        var seen = new Dictionary<string, (string ETag, long Since)>(StringComparer.Ordinal);
        BucketLease? lease = null;
        var hasSaid = false;
        try
        {
            while (true)
            {
                lease ??= Others().Count == 0 ? new BucketLease(bucket, own) : null;
                var others = Others();
                if (lease is not null && others.Count == 0)
                {
                    return lease;
                }

                if (!hasSaid && others.Count > 0)
                {
                    say($"another process may be at work on this job ({Path.GetFileName(others[0].Key)}): waiting for it to end");
                    hasSaid = true;
                }

                if (lease is not null && others.Any(other => string.CompareOrdinal(other.Key, own) < 0))
                {
                    lease.Dispose();
                    lease = null;
                }

                RemoveDead(others);
                stop.ThrowIfCancellationRequested();
                stop.WaitHandle.WaitOne(_look);
            }
        }
        catch
        {
            lease?.Dispose();
            throw;
        }

        List<S3Entry> Others() => [.. bucket.List($"leases/{job}/").Where(claim => claim.Key != own)];

        void RemoveDead(List<S3Entry> others)
        {
            foreach (var other in others)
            {
                if (!seen.TryGetValue(other.Key, out var known) || known.ETag != other.ETag)
                {
                    seen[other.Key] = (other.ETag, bucket.Time.GetTimestamp());
                }
                else if (bucket.Time.GetElapsedTime(known.Since) > bucket.Options.LeasePatience)
                {
                    bucket.Delete([other.Key]);
                }
            }
        }
    }

    /// <summary>Lets others work on the job.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            try
            {
                _bucket.Delete([_claim]);
            }
            catch (S3Exception)
            {
            }
        }
    }

    private void Beat() => _bucket.Put(_claim, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{++_beats}")));

    [SuppressMessage("Design", "CA1031", Justification = "A beat that is missed is made up for by the next; the work must not end for it.")]
    private void TryBeat()
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            // One that was taken for dead must not come back to life.
            if (!_isOver && _bucket.Find(_claim) is not null)
            {
                Beat();
            }
        }
        catch (Exception)
        {
        }
        finally
        {
            _gate.Exit();
        }
    }
}
