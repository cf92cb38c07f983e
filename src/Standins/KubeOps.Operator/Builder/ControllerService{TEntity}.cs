using k8s;
using k8s.Models;
using KubeOps.Operator.LeaderElection;
using KubeOps.Operator.Queue;
using KubeOps.Operator.Retry;
using KubeOps.Operator.Watcher;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.Builder;

/// <summary>Runs the watch and the queue of a controller while the host runs and, where there is an election, while it is won.</summary>
internal sealed class ControllerService<TEntity>(
    ITimedEntityQueue<TEntity> queue,
    EntityQueueConsumer<TEntity> consumer,
    ResourceWatcher<TEntity> watcher,
    Backoff backoff,
    ILogger<ControllerService<TEntity>> logger,
    Leadership? leadership = null) : IHostedService, IDisposable
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _stop;
    private Task _run = Task.CompletedTask;

    private ISuspendableEntityQueue? Gate => queue as ISuspendableEntityQueue;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (leadership is null)
        {
            Switch(on: true);
        }
        else
        {
            leadership.Follow(Switch);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        leadership?.Leave(Switch);
        Switch(on: false);
        await _run.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        Switch(on: false);
        queue.Dispose();
    }

    private void Switch(bool on)
    {
        lock (_lock)
        {
            if (on && _stop is null)
            {
                Gate?.ResumeIntake();
                _stop = new CancellationTokenSource();
                _run = RunAsync(_run, _stop);
            }
            else if (!on)
            {
                // The watch lists everything anew when this instance leads again.
                Gate?.SuspendIntake();
                _ = _stop?.CancelAsync();
                _stop = null;
                Gate?.Clear();
            }
        }
    }

    private async Task RunAsync(Task previous, CancellationTokenSource stop)
    {
        using (stop)
        {
            var token = stop.Token;
            await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            await Task.WhenAll(AgainAsync(consumer.RunAsync, token), AgainAsync(watcher.RunAsync, token));
        }
    }

    private async Task AgainAsync(Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await run(cancellationToken);
                return;
            }
            catch (Exception) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.ControllerFailed(logger, e, typeof(TEntity).Name);
                await Task.Delay(backoff.After(++failures), cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
