using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Backbones;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Consolidations;
using DyLoraMoe.Operator.Experts;
using DyLoraMoe.Operator.Growths;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Skills;
using DyLoraMoe.Operator.Telemetry;
using DyLoraMoe.Operator.Traffic;
using k8s;
using k8s.Models;
using KubeOps.Abstractions.Reconciliation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>
/// An operator in a cluster that has no wires: one visit at a time, in an order that a seed decides, with controllers for Jobs and Deployments that act when asked.
/// A process that dies is followed by another one.
/// </summary>
internal sealed class OperatorWorld : IDisposable
{
    public const string Namespace = "team";

    private readonly Dictionary<string, int> _ended = [];
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly OperatorMetrics _metrics;
    private readonly Faults _faults;
    private readonly Random _order;
    private readonly HashSet<(string Kind, ObjectKey Key)> _queue = [];
    private readonly Dictionary<(string Kind, ObjectKey Key), DateTimeOffset> _later = [];
    private readonly Dictionary<string, string> _data = [];
    private JobSlots _slots = null!;
    private TrafficShares _traffic = null!;
    private SkillProposals? _proposals;
    private BackboneController _backbones = null!;
    private SkillController _skills = null!;
    private ExpertController _experts = null!;
    private ConsolidationController _consolidations = null!;
    private GrowthController _growths = null!;

    public OperatorWorld(Faults? faults = null, OperatorOptions? options = null)
    {
        _faults = faults ?? Faults.None;
        _order = _faults.Random;
        Options = options ?? new();
        _metrics = new(Meters);
        Server = new(Clock);
        foreach (var claim in new[] { "artifacts", "adapters" })
        {
            Server.Create(new V1PersistentVolumeClaim { Metadata = new() { Name = claim, NamespaceProperty = Namespace } });
        }

        Law = new(Server, mayBeLate: _faults.AreWatchesLate);
        Server.Changed += Watch;
        Begin();
    }

    /// <summary>What the figures of this world's operator are made by.</summary>
    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public ManualClock Clock { get; } = new();

    public FakeServer Server { get; }

    public StubWork Work { get; } = new();

    /// <summary>Most pods that a Deployment may have; any number when null.</summary>
    public int? PodQuota { get; set; }

    /// <summary>What visits were asked for beside those that KubeOps makes by itself.</summary>
    public ListedVisits Visits { get; } = new();

    /// <summary>What holds of every status at every time.</summary>
    public StatusLaw Law { get; }

    public OperatorOptions Options { get; }

    public FakeCluster Cluster { get; private set; } = null!;

    public int Deaths { get; private set; }

    /// <summary>Whether Jobs end as soon as they can.</summary>
    public bool JobsEnd { get; set; } = true;

    /// <summary>Whether a pod is gone before anybody reads how it ended; a Job is given by its name and how often one of that name has ended.</summary>
    public Func<string, int, bool> LosesPod { get; set; } = (_, _) => false;

    /// <summary>Whether pods of a set become ready; a set is given by its experts.</summary>
    public Func<SetRevision, bool> Loads { get; set; } = _ => true;

    public Backbone Backbone => Server.Find<Backbone>(Namespace, "tiny")!;

    public Skill Skill(string name) => Server.Find<Skill>(Namespace, name)!;

    public LoraExpert Expert(string name) => Server.Find<LoraExpert>(Namespace, name)!;

    public Consolidation Night(string name = "nightly") => Server.Find<Consolidation>(Namespace, name)!;

    public Growth Growth(string name = "wider") => Server.Find<Growth>(Namespace, name)!;

    /// <summary>KubeOps tells that a Skill is gone.</summary>
    public Task DeletedAsync(Skill last) => _skills.DeletedAsync(last, TestContext.Current.CancellationToken);

    public void Apply(Action<BackboneSpec>? change = null)
    {
        var backbone = new Backbone { Metadata = new() { Name = "tiny", NamespaceProperty = Namespace }, Spec = new() { Source = new() { Builtin = "dylora-tiny" }, Store = new() { PersistentVolumeClaim = new() { ClaimName = "artifacts" } } } };
        change?.Invoke(backbone.Spec);
        Put(backbone, found => found.Spec = backbone.Spec);
    }

    public void Learn(string name, string data = "", Action<SkillSpec>? change = null)
    {
        var skill = new Skill { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = new() { BackboneRef = new() { Name = "tiny" }, Data = new() { Inline = $"{name}\n{data}" } } };
        change?.Invoke(skill.Spec);
        Put(skill, found => found.Spec = skill.Spec);
    }

    public void Sleep(Action<ConsolidationSpec>? change = null, string name = "nightly")
    {
        var night = new Consolidation { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = new() { BackboneRef = new() { Name = "tiny" } } };
        change?.Invoke(night.Spec);
        Put(night, found => found.Spec = night.Spec);
    }

    public void Grow(Action<GrowthSpec>? change = null, string name = "wider")
    {
        var growth = new Growth { Metadata = new() { Name = name, NamespaceProperty = Namespace }, Spec = new() { BackboneRef = new() { Name = "tiny" }, Operators = [new() { Operator = GrowthOperators.WidenFeedForward, Percent = 25 }] } };
        change?.Invoke(growth.Spec);
        Put(growth, found => found.Spec = growth.Spec);
    }

    /// <summary>Lets everything happen until nothing does any more.</summary>
    /// <param name="visits">More than that would never come to an end.</param>
    /// <param name="looksAgain">Whether time goes by, so that objects are looked at again although nothing changed.</param>
    public async Task SettleAsync(int visits = 5000, bool looksAgain = true)
    {
        var version = -1L;
        for (var quiet = 0; quiet < 2;)
        {
            if (Cluster.Deliver(_faults.AreWatchesLate ? _order.Next(1, 6) : int.MaxValue) && _order.Next(2) == 0)
            {
                continue;
            }

            if (_queue.Count > 0)
            {
                Assert.True(visits-- > 0, $"It does not settle:\n{Story()}");
                await VisitAsync();
            }
            else if (!Step() && !Cluster.Deliver(1))
            {
                // Looking again is no change; only what is written is.
                quiet = Server.Version == version ? quiet + 1 : 0;
                version = Server.Version;
                if (!looksAgain)
                {
                    break;
                }

                // Longer than anybody puts off another look.
                Pass(TimeSpan.FromMinutes(37));
            }
        }

        Assert.True(Law.Violations.Count == 0, string.Join('\n', Law.Violations.Take(5)) + "\n" + Story());
    }

    /// <summary>Lets time pass; what was put off until then is looked at when the world settles.</summary>
    /// <param name="time">How much.</param>
    public void Pass(TimeSpan time)
    {
        Clock.Advance(time);
        foreach (var (key, _) in _later.Where(pair => pair.Value <= Clock.GetUtcNow()).ToList())
        {
            _later.Remove(key);
            _queue.Add(key);
        }
    }

    /// <summary>What was written lately and how resources are, for the message of a test that fails.</summary>
    public string Story() =>
        string.Join('\n', Cluster.Log.TakeLast(12).Select(told => told()).Concat(Server.Everything.Where(each => each.Type.Namespace == typeof(Skill).Namespace).Select(each => each.Json["metadata"]!["name"] + ": " + each.Json["status"]?.ToJsonString())));

    /// <summary>Asks the routers for their traffic.</summary>
    /// <param name="network">Where they are.</param>
    /// <returns>The experts that are to be visited for it.</returns>
    public async Task<IReadOnlyList<string>> ReadTrafficAsync(HttpMessageHandler network)
    {
        using var pages = new RouterPages(network, NullLogger<RouterPages>.Instance);
        var experts = await new TrafficReader(Cluster, _traffic, pages).ReadAsync(TestContext.Current.CancellationToken);
        _queue.UnionWith(experts.Select(expert => (LoraExpert.KindName, ObjectKey.Of(expert))));
        return [.. experts.Select(expert => expert.Metadata.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>Asks the routers for new kinds of prompts, with what this process remembers of earlier rounds.</summary>
    /// <param name="network">Where they are.</param>
    public async Task ProposeAsync(HttpMessageHandler network)
    {
        _proposals ??= new(Cluster, new RouterPages(network, NullLogger<RouterPages>.Instance));
        await _proposals.ProposeAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>What the operator looks after every minute.</summary>
    public void LookAround() => _queue.UnionWith(JobFigures.Stale(Cluster, _slots).Select(key => (Backbone.KindName, key)));

    /// <summary>The process dies and another one begins.</summary>
    public void Restart()
    {
        Cluster.Die();
        Deaths++;
        Begin();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _services.Dispose();
    }

    private void Put<T>(T wanted, Action<T> change)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (Server.Find<T>(Namespace, wanted.Metadata.Name) is null)
        {
            Server.Create(wanted);
        }
        else
        {
            Server.Change(Namespace, wanted.Metadata.Name, change);
        }
    }

    private void Begin()
    {
        Cluster = new(Server, _faults);
        _slots = new();
        new Waker(Cluster, _slots, (kind, key) => _queue.Add((kind, key))).Follow(Cluster);
        var runner = new JobRunner(Cluster, _slots, Options, _metrics, Clock);
        _traffic = new();
        _proposals = null;
        var tools = new VisitTools(Cluster, new(Cluster), runner, _slots, _traffic, new(TimeSpan.FromMinutes(30), new(1)), new(), new(Clock), Visits, Options, _metrics, Clock);
        _backbones = new(tools, NullLogger<BackboneController>.Instance);
        _skills = new(tools, NullLogger<SkillController>.Instance);
        _experts = new(tools, NullLogger<ExpertController>.Instance);
        _consolidations = new(tools, NullLogger<ConsolidationController>.Instance);
        _growths = new(tools, NullLogger<GrowthController>.Instance);
        Cluster.Sync();
        _queue.Clear();
        _later.Clear();
        foreach (var (type, json) in Server.Everything)
        {
            Watch(type, null, json);
        }
    }

    // As KubeOps' watch by generation: only what changed a spec, or a deletion, is told.
    private void Watch(Type type, JsonObject? old, JsonObject? now)
    {
        if (type.Namespace == typeof(Skill).Namespace && now is not null && (old is null || !JsonNode.DeepEquals(old["metadata"]!["generation"], now["metadata"]!["generation"])))
        {
            _queue.Add((type.Name, new((string)now["metadata"]!["namespace"]!, (string)now["metadata"]!["name"]!)));
        }
    }

    private async Task VisitAsync()
    {
        var next = _queue.OrderBy(each => each.Kind, StringComparer.Ordinal).ThenBy(each => each.Key.Name, StringComparer.Ordinal).ElementAt(_order.Next(_queue.Count));
        _queue.Remove(next);
        _later.Remove(next);
        switch (next.Kind)
        {
            case nameof(Backbone):
                await VisitAsync(next, _backbones);
                break;
            case nameof(Skill):
                await VisitAsync(next, _skills);
                break;
            case nameof(Consolidation):
                await VisitAsync(next, _consolidations);
                break;
            case nameof(Api.Resources.Growth):
                await VisitAsync(next, _growths);
                break;
            default:
                await VisitAsync(next, _experts);
                break;
        }

        if (Cluster.IsDead)
        {
            Restart();
        }
    }

    private async Task VisitAsync<TEntity, TStatus, TScope>((string Kind, ObjectKey Key) next, PhasedController<TEntity, TStatus, TScope> controller)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
        where TStatus : class, IConditioned
        where TScope : VisitScope
    {
        // As KubeOps: of an object that is to go, the first finalizer is seen to, or nothing while that is another operator's.
        if (Server.Find<TEntity>(next.Key.Namespace, next.Key.Name) is not { } found
            || (found.Metadata.DeletionTimestamp is not null && found.Metadata.Finalizers?.FirstOrDefault()?.StartsWith(ApiNames.Group, StringComparison.Ordinal) == false))
        {
            return;
        }

        ReconciliationResult<TEntity> result = found.Metadata.DeletionTimestamp is null
            ? await controller.ReconcileAsync(found, TestContext.Current.CancellationToken)
            : await controller.FinalizeAsync(found, TestContext.Current.CancellationToken);
        if (result.RequeueAfter is { } after && !Cluster.IsDead)
        {
            _later[next] = Clock.GetUtcNow() + after;
            if (after < TimeSpan.FromSeconds(10))
            {
                Clock.Advance(after);
                _queue.Add(next);
            }
        }
    }

    // One step of the cluster's own controllers; false when they have nothing to do.
    private bool Step() => StepJobs() || StepDeployments();

    private bool StepJobs()
    {
        foreach (var job in Server.Peek<V1Job>().Where(job => job.Spec.Suspend != true && !JobReading.IsOver(job)))
        {
            if (!JobsEnd)
            {
                continue;
            }

            RunPod(job);
            return true;
        }

        return false;
    }

    private void RunPod(V1Job job)
    {
        var text = Server.Peek<V1ConfigMap>(Namespace, job.Metadata.Name)!.Data[RequestStore.FileName];
        var request = ContractJson.Read<JobRequest>(text);
        var data = job.Spec.Template.Spec.Volumes.FirstOrDefault(volume => volume.Name == "data");
        var result = Work.Run(text, request, data?.ConfigMap is { } map ? string.Concat(Server.Peek<V1ConfigMap>(Namespace, map.Name)!.Data.Values) : "");
        var isDone = result.Outcome == JobOutcome.Succeeded;
        var name = job.Metadata.Name + "-0";
        Server.Create(new V1Pod
        {
            Metadata = new()
            {
                Name = name,
                NamespaceProperty = Namespace,
                Labels = new Dictionary<string, string>(job.Spec.Template.Metadata.Labels) { ["job-name"] = job.Metadata.Name },
                OwnerReferences = [new() { ApiVersion = "batch/v1", Kind = "Job", Name = job.Metadata.Name, Uid = job.Metadata.Uid }],
            },
            Status = new() { Phase = "Running" },
        });
        Server.Change<V1Pod>(Namespace, name, found => found.Status = new()
        {
            Phase = isDone ? "Succeeded" : "Failed",
            ContainerStatuses = [new() { Name = "job", State = new() { Terminated = new() { ExitCode = isDone ? 0 : 1, Message = result.ToTerminationMessage(), FinishedAt = Clock.GetUtcNow().UtcDateTime } } }],
        });
        _ended[job.Metadata.Name] = _ended.GetValueOrDefault(job.Metadata.Name) + 1;
        if (LosesPod(job.Metadata.Name, _ended[job.Metadata.Name]))
        {
            Server.Delete<V1Pod>(Namespace, name);
        }

        Server.Change<V1Job>(Namespace, job.Metadata.Name, found => found.Status = new()
        {
            Succeeded = isDone ? 1 : 0,
            Conditions = [new() { Type = isDone ? "Complete" : "Failed", Status = "True", Reason = isDone ? null : "BackoffLimitExceeded", Message = "It failed too often." }],
        });
    }

    private bool StepDeployments()
    {
        foreach (var deployment in Server.Peek<V1Deployment>())
        {
            var replicas = deployment.Spec.Replicas ?? 1;
            if (Server.Peek<V1ConfigMap>(Namespace, deployment.Spec.Template.Spec.Volumes.First(volume => volume.Name == "set").ConfigMap.Name) is not { } map)
            {
                // Pods that have it go on; another could not be made.
                continue;
            }

            var loads = Loads(ContractJson.Read<SetRevision>(map.Data[SetRevision.FileName]));
            var made = Math.Min(replicas, PodQuota ?? replicas);
            var wanted = new V1DeploymentStatus
            {
                ObservedGeneration = deployment.Metadata.Generation,
                Replicas = loads ? made : made + 1,
                UpdatedReplicas = loads ? made : 1,
                ReadyReplicas = made,
                AvailableReplicas = made,
                Conditions = [new() { Type = "Progressing", Status = loads ? "True" : "False", Reason = loads ? "NewReplicaSetAvailable" : "ProgressDeadlineExceeded" }],
            };
            if (made < replicas)
            {
                wanted.Conditions.Add(new() { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "exceeded quota: few" });
            }

            if (KubernetesJson.Serialize(wanted) != KubernetesJson.Serialize(deployment.Status ?? new()))
            {
                Server.Change<V1Deployment>(Namespace, deployment.Metadata.Name, found => found.Status = wanted);
                return true;
            }
        }

        return false;
    }
}
