using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Growth.Optimizer;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using TorchSharp.Modules;

namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>A whole model. Units come by the growth operators and go by the same walk read backwards.</summary>
internal sealed class InfiniteModelBody(CausalLanguageModel model, TrainingOptions options, Teacher? teacher) : InfiniteBody
{
    private static readonly string[] _readers = ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj", "mlp.up_proj"];
    private static readonly string[] _writers = ["self_attn.o_proj", "mlp.down_proj"];

    /// <summary>The model as it is at the moment; the ones before are freed.</summary>
    public CausalLanguageModel Model { get; private set; } = model;

    public override int SizeOf(UnitAxis axis) => Model.Config.UnitsOf(axis);

    public override IReadOnlyList<UnitStrand> StrandsOf(UnitAxis axis)
    {
        var parameters = Model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        return [.. Enumerable.Range(0, Model.Config.Layers).Select(layer => StrandOf(axis, layer, parameters))];
    }

    public override void Resize(UnitAxis axis, int[] kept, int added, long seed)
    {
        var operators = new List<IGrowthOperator>();
        if (kept.Length < SizeOf(axis))
        {
            operators.Add(new KeepUnits(axis, kept));
        }

        if (added > 0)
        {
            operators.Add(axis switch
            {
                UnitAxis.FeedForward => new WidenFeedForward(kept.Length + added),
                UnitAxis.Heads => new AddKeyValueGroups(added),
                _ => new InsertLayers(kept.Length, added),
            });
        }

        var plan = GrowthPlan.Of(Model.Config, operators);
        using var before = GrownMoments.Of(Step);
        using var after = before.Carried(plan);
        var grown = plan.Grow(Model, seed);
        Take(grown);
        after.Into(Step);
    }

    public override LayerWindows Windows => new(Model.Config.FirstSlidingLayer, Model.Config.SlidingLayers);

    public override void SetSize(IReadOnlyDictionary<UnitAxis, int> sizes, LayerWindows? windows)
    {
        var config = Model.Config;
        var groups = sizes.GetValueOrDefault(UnitAxis.Heads, config.KeyValueHeads);
        config = config with
        {
            Layers = sizes.GetValueOrDefault(UnitAxis.Depth, config.Layers),
            IntermediateSize = sizes.GetValueOrDefault(UnitAxis.FeedForward, config.IntermediateSize),
            KeyValueHeads = groups,
            Heads = groups * config.QueriesPerKeyValueHead,
            FirstSlidingLayer = windows?.First ?? config.FirstSlidingLayer,
            SlidingLayers = windows is null ? config.SlidingLayers : windows.Listed,
        };
        using var weights = new RandomWeights(config, seed: 1, device: Model.Device);
        Take(new CausalLanguageModel(config, weights));
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
        new LanguageModelEvaluator(Model, new EvaluationOptions { WindowLength = options.Context }).Evaluate(heldOut, null, cancellation).Loss;

    protected override TrainingStep Start() => TrainingStep.OfModel(Model, options);

    private void Take(CausalLanguageModel next)
    {
        Replace(null);
        Model.Dispose();
        Model = next;
    }

    private UnitStrand StrandOf(UnitAxis axis, int layer, Dictionary<string, Parameter> parameters)
    {
        var config = Model.Config;
        var (prefix, queries) = (LayerNames.Prefix(layer), config.QueriesPerKeyValueHead * config.HeadSize);
        return axis switch
        {
            UnitAxis.FeedForward => new UnitStrand(0, [.. Rows("mlp.gate_proj", 1), .. Rows("mlp.up_proj", 1)], [Columns("mlp.down_proj", 1)]),
            UnitAxis.Heads => new UnitStrand(
                0,
                [.. Rows("self_attn.q_proj", queries), .. Rows("self_attn.k_proj", config.HeadSize), .. Rows("self_attn.v_proj", config.HeadSize)],
                [Columns("self_attn.o_proj", queries)]),
            _ => new UnitStrand(
                layer,
                [.. _readers.SelectMany(name => Whole(name))],
                [.. _writers.SelectMany(name => Whole(name, isWriter: true))]),
        };

        IEnumerable<UnitPart> Rows(string name, int size) => Parts(name).Select(part => new UnitPart(part.Name, part.Weight, 0, size));

        UnitPart Columns(string name, int size) => new($"{prefix}{name}.weight", parameters[$"{prefix}{name}.weight"], 1, size);

        IEnumerable<UnitPart> Whole(string name, bool isWriter = false) => Parts(name).Select(part =>
        {
            var axis = isWriter ? (int)part.Weight.dim() - 1 : 0;
            return new UnitPart(part.Name, part.Weight, axis, (int)part.Weight.shape[axis]);
        });

        IEnumerable<(string Name, Parameter Weight)> Parts(string name) => new[] { $"{prefix}{name}.weight", $"{prefix}{name}.bias" }
            .Where(parameters.ContainsKey).Select(full => (full, parameters[full]));
    }
}
