using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Hosting;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>Has routers asked at intervals while this replica leads: experts are visited whose share is another by then, and new kinds of prompts proposed.</summary>
internal sealed partial class TrafficRounds(
    TrafficReader reader, SkillProposals proposals, ICluster cluster, EntityQueue<LoraExpert> experts, OperatorOptions options, TimeProvider clock, Leadership leadership, ILogger<TrafficRounds> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.TrafficEvery == TimeSpan.Zero)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.TrafficEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (leadership.Leads && cluster.IsCurrent)
            {
                using var round = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, leadership.Term);
                await RoundAsync(round.Token);
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var expert in await reader.ReadAsync(cancellationToken))
            {
                await experts(expert, ReconciliationType.Modified, ReconciliationTriggerSource.Operator, TimeSpan.Zero, 0, cancellationToken);
            }

            await proposals.ProposeAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Another replica leads, or the process ends.
        }
        catch (Exception error)
        {
            RoundFailed(logger, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Routers could not be asked for their traffic")]
    private static partial void RoundFailed(ILogger logger, Exception error);
}
