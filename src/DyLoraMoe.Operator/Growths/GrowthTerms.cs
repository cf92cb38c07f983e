using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;
using k8s;

namespace DyLoraMoe.Operator.Growths;

/// <summary>What a Growth is to do, as hashes.</summary>
internal static class GrowthTerms
{
    /// <summary>The plan, and when it was last asked to be tried again: with other terms it begins anew.</summary>
    public static string Of(Growth growth) => Hash.Of(TextOf(growth), growth.Note(Annotations.RetryAt));

    /// <summary>The plan alone.</summary>
    public static string PlanOf(Growth growth) => Hash.Of(TextOf(growth));

    // What only says whether, or what becomes of the old, is not part of it.
    private static string TextOf(Growth growth) => KubernetesJson.Serialize(growth.Spec with { Suspend = false, Old = OldBackbones.Keep });
}
