namespace DyLoraMoe.Kubectl.Cluster;

/// <summary>Outlasts what may pass, for whoever asks over and over: an API server that is busy or restarts, or a connection that is lost, is said once and asked again.</summary>
/// <param name="say">Says it.</param>
internal sealed class PassingErrors(Action<string> say)
{
    private bool _isSaid;

    /// <summary>The answer; null when there is none for the moment.</summary>
    /// <param name="ask">The call.</param>
    public async Task<T?> OutlastAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            var answer = await ask().ConfigureAwait(false);
            _isSaid = false;
            return answer;
        }
        catch (Exception error) when (ClusterErrors.MayPass(error) && ClusterErrors.Translate(error) is { } said)
        {
            if (!_isSaid)
            {
                say($"{said.Message.TrimEnd('.')}; it is asked again.");
            }

            _isSaid = true;
            return null;
        }
    }
}
