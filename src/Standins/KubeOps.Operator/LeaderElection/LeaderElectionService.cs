using k8s.LeaderElection;
using KubeOps.Operator.Retry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KubeOps.Operator.LeaderElection;

/// <summary>
/// Contends for the lease as long as the host runs. It is registered before all controllers, hence stopped after them, and
/// gives the lease back only when their visits have ended.
/// </summary>
internal sealed class LeaderElectionService(
    LeaderElector elector,
    Leadership leadership,
    OperatorLease lease,
    Backoff backoff,
    ILogger<LeaderElectionService> logger) : BackgroundService
{
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await lease.ReleaseAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        leadership.Follow(LogChange);
        var failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await elector.RunUntilLeadershipLostAsync(stoppingToken);
                failures = 0;
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                var delay = backoff.After(++failures);
                Log.ElectionFailed(logger, e, delay);
                await Task.Delay(delay, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void LogChange(bool isLeading)
    {
        if (isLeading)
        {
            Log.Leads(logger, lease.Identity);
        }
        else
        {
            Log.LeadsNoMore(logger, lease.Identity);
        }
    }
}
