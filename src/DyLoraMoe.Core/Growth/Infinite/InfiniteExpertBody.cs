using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth.Optimizer;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>One expert on a frozen backbone, whose rank is the row of units.</summary>
/// <remarks>Shapes: R rank, I and O layer widths.</remarks>
internal sealed class InfiniteExpertBody(CausalLanguageModel backbone, LoraAdapter adapter, TrainingOptions options, LoraAdapter? teacher) : InfiniteBody
{
    /// <summary>The expert as it is at the moment; the ones before are freed.</summary>
    public LoraAdapter Adapter { get; private set; } = adapter;

    public override int SizeOf(UnitAxis axis) => axis == UnitAxis.Rank
        ? Adapter.Config.Rank
        : throw new ArgumentException($"An expert has no units of {axis}; only its rank is found.", nameof(axis));

    public override IReadOnlyList<UnitStrand> StrandsOf(UnitAxis axis) =>
        [.. Adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => new UnitStrand(
            0,
            [new UnitPart($"{pair.Key}.lora_A", pair.Value.A, 0, 1)],
            [new UnitPart($"{pair.Key}.lora_B", pair.Value.B, 1, 1)]))];

    public override void Resize(UnitAxis axis, int[] kept, int added, long seed)
    {
        using var before = GrownMoments.Of(Step);
        using var after = before.WithUnits(name => name.EndsWith(".lora_A", StringComparison.Ordinal) ? 0 : 1, kept, added);
        using var smaller = Adapter.Keep(kept);
        Take(smaller.Grow(kept.Length + added, seed));
        after.Into(Step);
    }

    public override void SetSize(IReadOnlyDictionary<UnitAxis, int> sizes, LayerWindows? windows)
    {
        var rank = sizes[UnitAxis.Rank];
        using var least = Adapter.Keep([0]);
        Take(least.Grow(rank, seed: 1));
    }

    public override void Learn(PackedBatch batch, long lossTokens)
    {
        if (teacher is null)
        {
            Step.Accumulate(batch, lossTokens);
        }
        else
        {
            Step.Distil(batch, teacher, lossTokens);
        }
    }

    public override double Evaluate(EvaluationSet heldOut, CancellationToken cancellation) =>
        new LanguageModelEvaluator(backbone, new EvaluationOptions { WindowLength = options.Context }).Evaluate(heldOut, Adapter, cancellation).Loss;

    protected override TrainingStep Start() => TrainingStep.OfExpert(backbone, Adapter, options);

    private void Take(LoraAdapter next)
    {
        Replace(null);
        Adapter.Dispose();
        Adapter = next;
    }
}
