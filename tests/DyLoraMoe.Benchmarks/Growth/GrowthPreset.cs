using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Benchmarks.Growth;

/// <summary>How large the comparison is.</summary>
internal sealed record GrowthPreset
{
    /// <summary>The built-in backbone's architecture, three to four hours.</summary>
    public static GrowthPreset Full { get; } = new();

    /// <summary>The same in a minute, to see that it runs; its figures say nothing.</summary>
    public static GrowthPreset Quick { get; } = new()
    {
        Name = "quick",
        Hidden = 32,
        Layers = 2,
        Heads = 2,
        FeedForward = 64,
        LayersAfter = 3,
        FeedForwardAfter = 96,
        SmallSteps = 20,
        Steps = 10,
        ReverseSteps = 6,
        Rows = 4,
        Context = 32,
        Texts = 16,
        Windows = 8,
    };

    public string Name { get; init; } = "full";

    public int Hidden { get; init; } = 192;

    public int Layers { get; init; } = 4;

    public int Heads { get; init; } = 6;

    public int FeedForward { get; init; } = 512;

    public int LayersAfter { get; init; } = 6;

    public int FeedForwardAfter { get; init; } = 768;

    /// <summary>Steps of the small model before anything grows or shrinks.</summary>
    public int SmallSteps { get; init; } = 600;

    /// <summary>Steps of every arm afterwards.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Steps of distillation in reverse, on texts that the small model makes up.</summary>
    public int ReverseSteps { get; init; } = 100;

    public int Rows { get; init; } = 8;

    public int Context { get; init; } = 256;

    /// <summary>Texts that a teacher makes up.</summary>
    public int Texts { get; init; } = 512;

    /// <summary>Windows of held-out text.</summary>
    public int Windows { get; init; } = 64;

    /// <summary>Standard deviation of the noise as a share of each weight's own.</summary>
    public double Noise { get; init; } = 0.3;

    /// <summary>Highest rate from nothing; what was trained already goes on at a third of it.</summary>
    public double Rate { get; init; } = 3e-3;

    /// <summary>Highest rate of distillation in reverse: what noise has moved by little is moved further by larger steps.</summary>
    public double ReverseRate { get; init; } = 1e-4;

    /// <summary>Share of the parameters that a copy keeps.</summary>
    public double Keep { get; init; } = 0.5;

    public long TokensPerStep => (long)Rows * Context;

    /// <summary>Floating-point operations of a token's forward and backward pass: six a parameter, and six of the width for each layer and token that attention looks back on, half of the context on average and twice.</summary>
    public double WorkPerToken(CausalLanguageModel model) =>
        (6.0 * model.parameters().Sum(parameter => parameter.numel())) + (6.0 * model.Config.Layers * model.Config.Heads * model.Config.HeadSize * Context);

    public ModelConfig Small(int vocabulary) => new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = Hidden,
        IntermediateSize = FeedForward,
        Layers = Layers,
        Heads = Heads,
        KeyValueHeads = Heads / 2,
        HeadSize = Hidden / Heads,
        VocabularySize = vocabulary,
        MaxPositions = Context,
        NormEpsilon = 1e-5,
        TieWordEmbeddings = true,
        EosTokenIds = [0],
    };

    public GrowthPlan Growth(ModelConfig small, LayerStart start, GrowthVariant variant)
    {
        // Spread over the depth, from the last to the first, so that every place means the small model.
        var count = LayersAfter - Layers;
        var layers = Enumerable.Range(1, count).Reverse().Select(layer => (IGrowthOperator)new InsertLayers(layer * Layers / count, Start: start));
        return GrowthPlan.Of(small, [.. layers, new WidenFeedForward(FeedForwardAfter, variant)]);
    }

    public TrainingOptions Options(int steps, double rate, int seed)
    {
        var warmUp = Math.Max(1, Math.Min(50, steps / 10));
        return TrainingOptions.Pretraining with
        {
            Seeding = new SeedingOptions { Rate = rate, WarmUpSteps = warmUp, MaxSteps = warmUp, PlateauPatience = null },
            Consolidation = new ConsolidationOptions { Rate = rate, FinalRate = rate / 10 },
            MaxSteps = steps,
            Rows = Rows,
            Context = Context,
            EvaluateEvery = Math.Max(1, steps / 10),
            Seed = seed,
        };
    }
}
