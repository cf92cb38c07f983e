using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Hosting;

/// <summary>Runs the watches behind the caches, and puts whom a change concerns into the controllers' queues, whose visit was lost, and whose figures are not right any more.</summary>
internal sealed class WakeUps : IHostedService, IDisposable
{
    private static readonly TimeSpan _round = TimeSpan.FromMinutes(1);

    private readonly KubernetesCluster _cluster;
    private readonly JobSlots _slots;
    private readonly IVisitQueue _queue;
    private readonly Appointments _appointments;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private Task _watching = Task.CompletedTask;

    public WakeUps(KubernetesCluster cluster, JobSlots slots, IVisitQueue queue, Appointments appointments, TimeProvider clock)
    {
        (_cluster, _slots, _queue, _appointments, _clock) = (cluster, slots, queue, appointments, clock);
        new Waker(cluster, slots, Wake).Follow(cluster);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _watching = Task.WhenAll([.. _cluster.Reflectors.Select(reflector => Task.Run(() => reflector.RunAsync(_stop.Token), CancellationToken.None)), LookAroundAsync()]);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _watching.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    private async Task LookAroundAsync()
    {
        using var rounds = new PeriodicTimer(_round, _clock);
        try
        {
            while (await rounds.WaitForNextTickAsync(_stop.Token))
            {
                foreach (var (kind, key) in _appointments.Missed([.. All<Backbone>(Backbone.KindName), .. All<Skill>(Skill.KindName), .. All<LoraExpert>(LoraExpert.KindName),
                    .. All<Consolidation>(Consolidation.KindName), .. All<Growth>(Growth.KindName)]))
                {
                    Wake(kind, key);
                }

                foreach (var key in JobFigures.Stale(_cluster, _slots))
                {
                    Wake(Backbone.KindName, key);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopping is how this ends.
        }
    }

    private IEnumerable<(string Kind, ObjectKey Key)> All<T>(string kind)
        where T : class, IKubernetesObject<V1ObjectMeta> => _cluster.ListAll<T>().Select(each => (kind, ObjectKey.Of(each)));

    private void Wake(string kind, ObjectKey key)
    {
        switch (kind)
        {
            case Backbone.KindName:
                Enqueue(_cluster.Find<Backbone>(key.Namespace, key.Name));
                break;
            case Skill.KindName:
                Enqueue(_cluster.Find<Skill>(key.Namespace, key.Name));
                break;
            case LoraExpert.KindName:
                Enqueue(_cluster.Find<LoraExpert>(key.Namespace, key.Name));
                break;
            case Consolidation.KindName:
                Enqueue(_cluster.Find<Consolidation>(key.Namespace, key.Name));
                break;
            case Growth.KindName:
                Enqueue(_cluster.Find<Growth>(key.Namespace, key.Name));
                break;
        }
    }

    private void Enqueue<T>(T? entity)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (entity is not null && !_stop.IsCancellationRequested)
        {
            _queue.Add(entity);
        }
    }
}
