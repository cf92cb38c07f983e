using DyLoraMoe.Api;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Annotations that the operator puts on resources for itself.</summary>
internal static class OwnNotes
{
    /// <summary>What an expert's trainings cost so far, in seconds of a GPU.</summary>
    public const string GpuSeconds = ApiNames.Group + "/gpu-seconds";
}
