namespace DyLoraMoe.Api.Resources;

/// <summary>What was decided about a skill's data.</summary>
public static class NoveltyDecisions
{
    /// <summary>An expert of their own.</summary>
    public const string Novel = "Novel";

    /// <summary>An expert learns them too.</summary>
    public const string Extends = "Extends";

    /// <summary>An expert knows them already.</summary>
    public const string Covered = "Covered";

    /// <summary>Too few samples to decide on.</summary>
    public const string InsufficientData = "InsufficientData";
}
