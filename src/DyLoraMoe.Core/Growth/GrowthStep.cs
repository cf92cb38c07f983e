using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth;

/// <summary>What one operator does to a model: its shape before and after, and every weight that changes.</summary>
public sealed record GrowthStep
{
    /// <summary>What happens, for people: <c>feed-forward 48 -> 64</c>.</summary>
    public required string Description { get; init; }

    /// <summary>The shape before.</summary>
    public required ModelConfig Before { get; init; }

    /// <summary>The shape after.</summary>
    public required ModelConfig After { get; init; }

    /// <summary>Every weight that changes or is new, by its name afterwards. The others stay, under the number of their layer.</summary>
    public IReadOnlyDictionary<string, TensorGrowth> Tensors { get; init; } = new Dictionary<string, TensorGrowth>();

    /// <summary>For every layer afterwards its number before, or <see cref="AxisMap.None"/>; null when layers stay.</summary>
    public IReadOnlyList<int>? Layers { get; init; }

    /// <summary>The rank that experts are raised to; null when it stays.</summary>
    public int? AdapterRank { get; init; }

    /// <summary>Whether the model computes exactly the same afterwards, rounding aside.</summary>
    public bool IsExact { get; init; } = true;

    /// <summary>What a person must know; null when there is nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Whether it adds attention heads that do not write yet.</summary>
    internal bool AddsSilentHeads { get; init; }

    /// <summary>Whether it adds channels that are zero at first.</summary>
    internal bool AddsChannels { get; init; }

    /// <summary>Whether each of its new readers looks at one channel alone.</summary>
    internal bool ReadsChannelsApart { get; init; }

    /// <summary>Whether it copies heads into layers that do not write yet.</summary>
    internal bool CopiesHeads { get; init; }

    /// <summary>Whether heads that shared keys have copies of their own afterwards.</summary>
    internal bool SplitsKeys { get; init; }

    /// <summary>Whether what it adds learns through what its heads write.</summary>
    internal bool LearnsThroughHeads { get; init; }

    /// <summary>Number of new weights.</summary>
    public long NewParameters => CountNew(_ => true);

    /// <summary>Number of new weights that first get a gradient at a certain time.</summary>
    /// <param name="arrival">When.</param>
    public long NewParametersWith(GradientArrival arrival) => CountNew(growth => growth.Arrival == arrival);

    /// <summary>The name before growth of a weight or projection that is there before and after.</summary>
    internal string NameBefore(string name) =>
        Layers is not null && LayerNames.LayerOf(name) is { } layer ? LayerNames.InLayer(name, Layers[layer]) : name;

    /// <summary>The name after growth of a weight or projection.</summary>
    internal string NameAfter(string name) =>
        Layers is not null && LayerNames.LayerOf(name) is { } layer ? LayerNames.InLayer(name, LayerAfter(layer)) : name;

    /// <summary>The number of a layer after growth.</summary>
    internal int LayerAfter(int layer)
    {
        for (var after = 0; Layers is not null && after < Layers.Count; after++)
        {
            if (Layers[after] == layer)
            {
                return after;
            }
        }

        return layer;
    }

    /// <summary>
    /// Growth along shared axes: every weight that has one of them grows there, by its role: writers, embeddings and biases get zeros,
    /// readers random numbers, gains their mean.
    /// </summary>
    /// <param name="description">What happens.</param>
    /// <param name="before">The shape before.</param>
    /// <param name="after">The shape after.</param>
    /// <param name="axes">The axes that grow.</param>
    /// <param name="adjust">What differs from the rule for a weight.</param>
    internal static GrowthStep Along(
        string description,
        ModelConfig before,
        ModelConfig after,
        IReadOnlyDictionary<WeightAxis, AxisMap> axes,
        Func<WeightLayout, TensorGrowth, TensorGrowth>? adjust = null)
    {
        Check(after);
        var tensors = new Dictionary<string, TensorGrowth>(StringComparer.Ordinal);
        foreach (var weight in WeightLayout.Of(before))
        {
            var rows = axes.GetValueOrDefault(weight.Rows);
            var columns = weight.Columns is { } axis ? axes.GetValueOrDefault(axis) : null;
            var growth = new TensorGrowth
            {
                Name = weight.Name,
                Source = weight.Name,
                Rows = rows,
                Columns = columns,
                Fill = weight.Role switch
                {
                    WeightRole.Reader => GrowthFill.Random,
                    WeightRole.Gain => GrowthFill.Mean,
                    _ => GrowthFill.Zero,
                },
                Offset = weight.Role == WeightRole.Gain && weight.Rows == WeightAxis.Hidden ? before.NormGainOffset : 0,
                Arrival = weight.Role is WeightRole.Writer or WeightRole.Embedding ? GradientArrival.AtOnce : GradientArrival.AfterOneStep,
            };
            growth = adjust?.Invoke(weight, growth) ?? growth;
            if (growth.IsChange)
            {
                tensors[weight.Name] = growth;
            }
        }

        return new GrowthStep { Description = description, Before = before, After = after, Tensors = tensors };
    }

    /// <summary>Refuses a shape that no model can have.</summary>
    internal static void Check(ModelConfig after)
    {
        try
        {
            after.Validate();
        }
        catch (ModelFormatException error)
        {
            throw new GrowthRefusedException($"the grown model would not be valid: {error.Message}");
        }
    }

    /// <summary>Refuses a size that is not larger.</summary>
    internal static void RequireLarger(string what, int before, int after)
    {
        if (after <= before)
        {
            throw new GrowthRefusedException($"{what} is {before} already, found {after}; growth needs a larger number");
        }
    }

    private long CountNew(Func<TensorGrowth, bool> which)
    {
        var layouts = WeightLayout.Of(After).ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        return Tensors.Values.Where(which).Sum(growth => layouts[growth.Name].CountIn(After) - (growth.IsInserted ? 0 : layouts[growth.Name].CountIn(Before)));
    }
}
