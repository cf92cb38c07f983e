using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Growth;

/// <summary>Operators in their order, checked against a model's shape. Nothing has been read or computed yet.</summary>
public sealed class GrowthPlan
{
    private GrowthPlan(ModelConfig before, IReadOnlyList<GrowthStep> steps)
    {
        Before = before;
        Steps = steps;
    }

    /// <summary>The shape before.</summary>
    public ModelConfig Before { get; }

    /// <summary>The shape after.</summary>
    public ModelConfig After => Steps.Count == 0 ? Before : Steps[^1].After;

    /// <summary>What each operator does.</summary>
    public IReadOnlyList<GrowthStep> Steps { get; }

    /// <summary>Whether the grown model computes exactly the same, rounding aside.</summary>
    public bool IsExact => Steps.All(step => step.IsExact);

    /// <summary>Number of weights before.</summary>
    public long ParametersBefore => WeightLayout.Of(Before).Sum(weight => weight.CountIn(Before));

    /// <summary>Number of weights after.</summary>
    public long ParametersAfter => WeightLayout.Of(After).Sum(weight => weight.CountIn(After));

    /// <summary>
    /// Training steps until new weights have had a gradient, but for those that never get one. Two, or three where heads become larger that
    /// do not write yet (they learn to write first, then to look at new keys, then at what is new in queries), and where the readers of an
    /// identity layer look at channels that are still zero.
    /// </summary>
    public int StepsToLife => Steps.Index().Any(each => WaitsTwice(each.Index, each.Item)) ? 3 : 2;

    /// <summary>Whether every factor that makes up for a change is a power of two, so that no weight is rounded in whatever type.</summary>
    public bool RoundsNothing => Steps.SelectMany(step => step.Tensors.Values).All(growth => double.IsPow2(growth.Factor) && (growth.Offset == 0 || growth.Factor == 1));

    /// <summary>Checks every operator against the shape that the ones before it leave.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="operators">The operators.</param>
    /// <exception cref="GrowthRefusedException">One cannot be applied; the message says which and why.</exception>
    public static GrowthPlan Of(ModelConfig config, params IReadOnlyList<IGrowthOperator> operators)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(operators);
        var steps = new List<GrowthStep>();
        foreach (var each in operators)
        {
            try
            {
                steps.Add(each.Plan(steps.Count == 0 ? config : steps[^1].After));
            }
            catch (GrowthRefusedException refusal) when (operators.Count > 1)
            {
                throw new GrowthRefusedException($"operator {steps.Count + 1} of {operators.Count}: {refusal.Message}");
            }
        }

        return new GrowthPlan(config, steps);
    }

    /// <summary>A plan of steps that no operator made.</summary>
    internal static GrowthPlan OfSteps(ModelConfig before, IReadOnlyList<GrowthStep> steps) => new(before, steps);

    /// <summary>A larger model that computes the same.</summary>
    /// <param name="model">The model; it stays as it is.</param>
    /// <param name="seed">Seed of the new weights.</param>
    /// <returns>The grown model, frozen and in evaluation mode; the caller's.</returns>
    public CausalLanguageModel Grow(CausalLanguageModel model, long seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        RequireShape(model.Config);
        using var weights = new ModelWeights(model);
        return Build(weights, seed);
    }

    /// <summary>A larger model from weights of the smaller one.</summary>
    /// <param name="weights">Where the smaller model's weights come from.</param>
    /// <param name="seed">Seed of the new weights.</param>
    /// <returns>The grown model, frozen and in evaluation mode; the caller's.</returns>
    public CausalLanguageModel Build(IWeightSource weights, long seed = 1)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var grown = new CausalLanguageModel(After, new GrownWeights(this, weights, seed));
        foreach (var parameter in grown.parameters())
        {
            parameter.DetachFromDisposeScope();
        }

        grown.eval();
        return grown;
    }

    /// <summary>Which entries of a grown weight are new, copies included.</summary>
    /// <param name="name">The weight's name in the grown model.</param>
    /// <returns>True where new, in the weight's shape; the caller's.</returns>
    public Tensor IsNew(string name) => Marked(name, copiesAreNew: true);

    /// <summary>Which entries of a grown weight have no past of their own: new ones that are no copies.</summary>
    internal Tensor IsFresh(string name) => Marked(name, copiesAreNew: false);

    /// <summary>Something kept for every entry of a weight, such as a moment of its gradient, for the grown model.</summary>
    /// <param name="name">The weight's name in the grown model.</param>
    /// <param name="original">The values by the names of the smaller model.</param>
    /// <param name="power">How it depends on the gradient: 1 for a mean, 2 for a mean of squares.</param>
    internal Tensor Carried(string name, Func<string, Tensor> original, int power) => Walk(Steps.Count, name, original, (growth, values, weight, config) =>
        growth.IsInserted ? zeros(weight.ShapeIn(config), values.dtype, values.device) : growth.Carry(values, 0, power));

    /// <summary>The value of a weight after some of the steps.</summary>
    internal Tensor Value(string name, Func<string, Tensor> original, long seed) => Walk(Steps.Count, name, original, (growth, values, _, config) =>
    {
        var at = Steps.Index().First(each => ReferenceEquals(each.Item.After, config)).Index;
        var key = new SeededRandom((ulong)seed, SeededRandom.Key("growth"), (ulong)at, SeededRandom.Key(growth.Name)).NextUInt64();
        using var random = new Generator(key >> 1, CPU);
        return growth.Apply(values, random);
    });

    /// <summary>Whether a weight is new as a whole.</summary>
    internal bool IsInserted(string name)
    {
        for (var at = Steps.Count - 1; at >= 0; at--)
        {
            if (Steps[at].Tensors.TryGetValue(name, out var growth) && growth.IsInserted)
            {
                return true;
            }

            name = growth?.Source ?? Steps[at].NameBefore(name);
        }

        return false;
    }

    /// <summary>The name in the smaller model of a weight that is there before and after.</summary>
    internal string Origin(string name)
    {
        for (var at = Steps.Count - 1; at >= 0; at--)
        {
            name = Steps[at].Tensors.GetValueOrDefault(name)?.Source ?? Steps[at].NameBefore(name);
        }

        return name;
    }

    /// <summary>The weight of the grown model that continues what a weight which is new as a whole is modelled on.</summary>
    internal string Model(string name) => Steps.Aggregate(Origin(name), (known, step) => step.NameAfter(known));

    internal void RequireShape(ModelConfig config)
    {
        // Lists compare by reference; the same file read twice gives two of them.
        if (config with { EosTokenIds = Before.EosTokenIds, SlidingLayers = Before.SlidingLayers } != Before)
        {
            throw new ArgumentException($"The plan was made for another model: {Before.Layers} layers of width {Before.HiddenSize}, found {config.Layers} of {config.HiddenSize}, or another configuration.", nameof(config));
        }
    }

    private bool WaitsTwice(int at, GrowthStep step)
    {
        var silent = Steps.Index().Where(each => each.Item.AddsSilentHeads).Select(each => each.Index).DefaultIfEmpty(int.MaxValue).Min();
        if (step.LearnsThroughHeads)
        {
            return silent < at || Steps.Index().Skip(at + 1).Any(later => later.Item.CopiesHeads || (later.Item.SplitsKeys && silent < later.Index));
        }

        return step.ReadsChannelsApart && Steps.Take(at).Any(earlier => earlier.AddsChannels);
    }

    private Tensor Marked(string name, bool copiesAreNew)
    {
        using var scope = NewDisposeScope();
        var layouts = WeightLayout.Of(Before).ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        return Walk(Steps.Count, name, source => zeros(layouts[source].ShapeIn(Before)), (growth, values, weight, config) =>
        {
            if (growth.IsInserted)
            {
                return ones(weight.ShapeIn(config));
            }

            var marks = growth.Carry(values, 1);
            return copiesAreNew && growth.Rows is { } rows ? WithCopies(marks, rows) : marks;
        }).to_type(ScalarType.Bool).MoveToOuterDisposeScope();
    }

    private static Tensor WithCopies(Tensor marks, AxisMap rows)
    {
        var seen = new HashSet<int>();
        foreach (var (row, source) in rows.Sources.Index())
        {
            if (source != AxisMap.None && !seen.Add(source))
            {
                marks[row].fill_(1);
            }
        }

        return marks;
    }

    private Tensor Walk(int steps, string name, Func<string, Tensor> original, Func<TensorGrowth, Tensor, WeightLayout, ModelConfig, Tensor> grow)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (steps == 0)
        {
            return original(name).alias().MoveToOuterDisposeScope();
        }

        var step = Steps[steps - 1];
        if (!step.Tensors.TryGetValue(name, out var growth))
        {
            return Walk(steps - 1, step.NameBefore(name), original, grow).MoveToOuterDisposeScope();
        }

        var weight = WeightLayout.Of(step.After).First(each => each.Name == name);
        return grow(growth, Walk(steps - 1, growth.Source, original, grow), weight, step.After).MoveToOuterDisposeScope();
    }
}
