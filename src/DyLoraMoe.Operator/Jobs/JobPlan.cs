using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using k8s;
using k8s.Models;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>Work that an object wants done. Equal inputs are the same work, so it is begun once whatever happens to the operator.</summary>
internal sealed record JobPlan
{
    /// <summary>What is to be done.</summary>
    public required JobKind Kind { get; init; }

    /// <summary>The object that wants it, which owns Job and request.</summary>
    public required IKubernetesObject<V1ObjectMeta> Subject { get; init; }

    /// <summary>The backbone it is about.</summary>
    public required Backbone Backbone { get; init; }

    /// <summary>Hash of what makes this work differ from other work of the same kind for the same subject: not of what merely is known meanwhile.</summary>
    public required string Inputs { get; init; }

    /// <summary>The request; asked for only when none was written for these inputs.</summary>
    public required Func<JobRequest> Request { get; init; }

    /// <summary>What the request is about, for whoever reads its ConfigMap without the request: annotations.</summary>
    public IReadOnlyDictionary<string, string> Notes { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether a request that is there already, though for other inputs, will do.</summary>
    public Func<V1ConfigMap, bool> Adopts { get; init; } = static _ => false;

    /// <summary>Data that the job reads; null for none.</summary>
    public JobData? Data { get; init; }

    /// <summary>What the job's container has in its environment besides: secrets by reference.</summary>
    public IReadOnlyList<V1EnvVar> Environment { get; init; } = [];

    /// <summary>Whether a person wants no work done now.</summary>
    public bool IsSuspended { get; init; }

    /// <summary>Whether other inputs are other work although the request says the same, as where the world that it is about has changed.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>Goes before work that waits for its turn.</summary>
    public bool IsUrgent { get; init; }
}
