using System.Security.Cryptography;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>How often something is tried again, and after which waits: twice as long each time, and given up when nothing has got through for long.</summary>
internal sealed class S3Patience(S3Options options, TimeProvider time, string bucket, Func<bool> hasAnswered)
{
    private long _since = time.GetTimestamp();
    private TimeSpan _delay = options.FirstDelay;

    /// <summary>Something got through.</summary>
    public void Renew() => (_since, _delay) = (time.GetTimestamp(), options.FirstDelay);

    /// <summary>Waits, when it makes sense.</summary>
    /// <exception cref="S3Exception">It does not.</exception>
    public async Task WaitAsync(S3Problem problem, Exception error)
    {
        var elapsed = time.GetElapsedTime(_since);
        var patience = options.Stop.IsCancellationRequested && options.LastPatience < options.Patience ? options.LastPatience : options.Patience;
        if (!problem.MayPass || elapsed >= patience)
        {
            var tried = problem.MayPass ? $" for {elapsed.TotalSeconds:0} s" : "";
            throw new S3Exception(problem.Reason, !problem.MayPass && !hasAnswered(), $"{bucket}: {problem.Text}{tried}. {problem.Advice}", error);
        }

        // Of many that were cut at once, not all come back at once.
        await Task.Delay(_delay * (RandomNumberGenerator.GetInt32(500, 1000) / 1000.0), time).ConfigureAwait(false);
        _delay = _delay * 2 < options.LongestDelay ? _delay * 2 : options.LongestDelay;
    }
}
