using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using k8s.LeaderElection;
using KubeOps.Abstractions.Reconciliation;
using KubeOps.Abstractions.Reconciliation.Queue;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>Has routers asked at intervals while this replica leads: experts are visited whose share is another by then, and new kinds of prompts proposed.</summary>
internal sealed partial class TrafficRounds(
    TrafficReader reader, SkillProposals proposals, ICluster cluster, EntityQueue<LoraExpert> experts, OperatorOptions options, TimeProvider clock, ILogger<TrafficRounds> logger, LeaderElector? elector = null)
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
            if (elector?.IsLeader() != false && cluster.IsCurrent)
            {
                await RoundAsync(stoppingToken);
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
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            RoundFailed(logger, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Routers could not be asked for their traffic")]
    private static partial void RoundFailed(ILogger logger, Exception error);
}
