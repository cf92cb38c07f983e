using static TorchSharp.torch;

namespace DyLoraMoe.Core.Models;

/// <summary>The weights of a model in memory, copied one by one.</summary>
internal sealed class ModelWeights(CausalLanguageModel model) : IWeightSource, IDisposable
{
    private readonly Dictionary<string, Tensor> _weights = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.detach(), StringComparer.Ordinal);

    public Tensor Take(string path, params long[] shape) => _weights[path].clone();

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }
    }
}
