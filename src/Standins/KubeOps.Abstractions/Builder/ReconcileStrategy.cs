namespace KubeOps.Abstractions.Builder;

/// <summary>Which changes lead to a visit.</summary>
public enum ReconcileStrategy
{
    /// <summary>Those of the generation, that is of the spec: no label, annotation or status.</summary>
    ByGeneration,

    /// <summary>Every one.</summary>
    ByResourceVersion,
}
