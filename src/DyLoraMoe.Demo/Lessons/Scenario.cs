namespace DyLoraMoe.Demo.Lessons;

/// <summary>What a demonstration goes through.</summary>
internal sealed record Scenario
{
    /// <summary>Name of the Backbone.</summary>
    public required string Backbone { get; init; }

    /// <summary>What the model is, in a sentence.</summary>
    public required string Story { get; init; }

    /// <summary>The files with the Backbone and the claim that everything is stored on.</summary>
    public required IReadOnlyList<string> Manifests { get; init; }

    /// <summary>The lessons, in order.</summary>
    public required IReadOnlyList<Lesson> Lessons { get; init; }

    /// <summary>The Skill that is deleted at the end; null for none.</summary>
    public string? Deleted { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public int Tokens { get; init; } = 20;
}
