namespace DyLoraMoe.Artifacts;

/// <summary>Names of the folders of a store that are not a kind of artifact.</summary>
public static class StoreLayout
{
    /// <summary>The folder in which each job has its own.</summary>
    public const string Checkpoints = "checkpoints";
}
