using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Reconciling;

/// <summary>Names of a Backbone's children.</summary>
internal static class ChildNames
{
    /// <summary>Deployment, Service, disruption budget and autoscaler.</summary>
    public static string Router(string backbone) => $"{backbone}-router";

    /// <summary>Service account, role and binding of jobs.</summary>
    public static string Trainer(string backbone) => $"{backbone}-trainer";

    /// <summary>The ConfigMap of a set.</summary>
    public static string Set(string backbone, string revision) => $"{backbone}-set-{revision[(revision.IndexOf(':', StringComparison.Ordinal) + 1)..][..Hash.NameDigits]}";

    /// <summary>The ConfigMap that says which weights nobody refers to any more, and which of them are to stay.</summary>
    public static string Ledger(string backbone) => $"{backbone}-ledger";

    /// <summary>A Skill that is proposed. Not its child: it is its own person's from then on.</summary>
    public static string Proposal(string backbone, string centroid) => Hash.Name($"{backbone}-new", Hash.Of(centroid), Bounds.NameLength);

    /// <summary>The ConfigMap of a skill's data.</summary>
    public static string Data(string skill, string inputs) => Hash.Name($"{skill}-data", inputs);
}
