using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// What trains as it was at the start of a run, frozen, to measure how far training has moved it. It takes as much memory on the
/// device as the weights that train: a copy of the adapter, or of the whole model.
/// </summary>
internal sealed class StartingPoint(Predictor trained) : IDisposable
{
    /// <summary>What it predicted.</summary>
    public Predictor Predictor { get; } = trained.Adapter is { } adapter
        ? trained with { Adapter = adapter.CopyTo(adapter.Device) }
        : trained with { Model = Copy(trained.Model) };

    /// <summary>The weights at the start, named as what trains.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> Weights =>
        (Predictor.Adapter?.NamedParameters ?? Predictor.Model.named_parameters()).Select(pair => (pair.Item1, (Tensor)pair.Item2));

    /// <summary>Frees the copy.</summary>
    public void Dispose()
    {
        if (Predictor.Adapter is { } adapter)
        {
            adapter.Dispose();
        }
        else
        {
            Predictor.Model.Dispose();
        }
    }

    private static CausalLanguageModel Copy(CausalLanguageModel model)
    {
        using var weights = new ModelWeights(model);
        var copy = new CausalLanguageModel(model.Config, weights);
        copy.eval();
        return copy;
    }
}
