namespace DyLoraMoe.Api.Resources;

/// <summary>What becomes of the artifacts of a resource that is deleted.</summary>
public static class DeletionPolicies
{
    /// <summary>They stay in the store: a deletion by mistake costs nothing but applying the resource again.</summary>
    public const string Retain = "Retain";

    /// <summary>They are removed once nothing serves them.</summary>
    public const string Delete = "Delete";
}
