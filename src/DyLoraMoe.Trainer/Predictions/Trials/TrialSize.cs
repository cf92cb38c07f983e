namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>Shape of all runs.</summary>
internal sealed record TrialSize
{
    /// <summary>The full form.</summary>
    public static TrialSize Full { get; } = new();

    /// <summary>The form for checking that everything works.</summary>
    public static TrialSize Quick { get; } = new() { Tokens = 2_000, TestSamples = 12, Samples = 200, Documents = 24, Dreams = 16 };

    /// <summary>Tokens of a run, prompts and replay included.</summary>
    public long Tokens { get; init; } = 64_000;

    /// <summary>Rows per batch.</summary>
    public int Rows { get; init; } = 4;

    /// <summary>Positions per row.</summary>
    public int RowLength { get; init; } = 64;

    /// <summary>Samples of each test that are used.</summary>
    public int TestSamples { get; init; } = World.LetterWorld.Tests;

    /// <summary>Different samples that arrive, where data are diverse.</summary>
    public int Samples { get; init; } = 3_000;

    /// <summary>Different samples where they are not.</summary>
    public int NarrowSamples { get; init; } = 20;

    /// <summary>Held-out documents of what the backbone learnt first.</summary>
    public int Documents { get; init; } = 60;

    /// <summary>Dreams that are tried in a night.</summary>
    public int Dreams { get; init; } = 192;
}
