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

    /// <summary>Where an answer ends, besides where the model ends it; null for nowhere.</summary>
    public string? Stop { get; init; } = "\n";

    /// <summary>Optimizer steps of a Skill: fewer than the Backbone's are enough for small tasks, and soon done.</summary>
    public int Steps { get; init; } = 160;

    /// <summary>How an answer is judged.</summary>
    public IMarking Marking { get; init; } = new RightOrWrong();

    /// <summary>The backbone that is made before anything else; null when it is there.</summary>
    public Pretraining? Pretraining { get; init; }
}
