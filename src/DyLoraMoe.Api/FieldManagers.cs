namespace DyLoraMoe.Api;

/// <summary>Server-side-apply field managers, one per writer.</summary>
public static class FieldManagers
{
    /// <summary>The operator: all of a status but an expert's progress, and every child.</summary>
    public const string Operator = "dylora-operator";

    /// <summary>A training job: an expert's <c>status.progress</c>.</summary>
    public const string Trainer = "dylora-trainer";

    /// <summary>The kubectl plugin: what a person asks for with it.</summary>
    public const string Plugin = "kubectl-dylora";
}
