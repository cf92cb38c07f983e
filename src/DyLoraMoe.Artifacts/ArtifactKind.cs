namespace DyLoraMoe.Artifacts;

/// <summary>What an artifact is. Each kind has a folder of its own in a store.</summary>
public enum ArtifactKind
{
    /// <summary>Samples of a skill.</summary>
    Dataset,

    /// <summary>An adapter in PEFT layout with its description.</summary>
    Expert,

    /// <summary>A gate over a set of experts.</summary>
    Router,

    /// <summary>Which experts serve together, with their router.</summary>
    Set,

    /// <summary>A backbone that has grown, in Hugging Face layout.</summary>
    Backbone,
}
