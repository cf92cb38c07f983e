using DyLoraMoe.Core.Adapters;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Generation;

/// <summary>Which adapters every row of a batch generates with.</summary>
/// <param name="Bank">The adapters.</param>
/// <param name="Weights">For every row, one weight per adapter; a row of zeros is the bare backbone.</param>
public sealed record GenerationAdapters(AdapterBank Bank, IReadOnlyList<float[]> Weights)
{
    /// <summary>The deltas of a pass over prompts.</summary>
    /// <param name="prompts">The rows' prompts, padded on the left to <paramref name="tokens"/>.</param>
    /// <param name="tokens">Tokens per row.</param>
    /// <param name="device">Where the model is.</param>
    internal AdapterBatch ForPrompts(IReadOnlyList<IReadOnlyList<int>> prompts, int tokens, Device device)
    {
        using var scope = NewDisposeScope();
        var masks = Starts(prompts, tokens).Select(starts => InvocationPoint.Mask(starts, tokens, device)).ToArray();   // E times (B, T)
        return new AdapterBatch(Bank, WeightTensor(device), tokens, stack(masks, -1));
    }

    /// <summary>The deltas of a pass over one new token a row.</summary>
    /// <param name="prompts">The rows' prompts: an adapter that was never invoked in them stays silent.</param>
    /// <param name="device">Where the model is.</param>
    internal AdapterBatch ForAnswers(IReadOnlyList<IReadOnlyList<int>> prompts, Device device)
    {
        using var scope = NewDisposeScope();
        var longest = prompts.Max(prompt => prompt.Count);
        var invoked = Starts(prompts, longest).Select(starts => tensor(starts.Select(start => start != InvocationPoint.Never).ToArray(), device: device)).ToArray();   // E times (B)
        return new AdapterBatch(Bank, WeightTensor(device), 1, stack(invoked, -1).unsqueeze(1));
    }

    private IEnumerable<int[]> Starts(IReadOnlyList<IReadOnlyList<int>> prompts, int tokens) =>
        Bank.Adapters.Select(adapter => prompts.Select(prompt =>
        {
            var start = InvocationPoint.Of(adapter.Config, prompt.ToArray(), prompt.Count);
            return start == InvocationPoint.Never ? start : start + tokens - prompt.Count;
        }).ToArray());

    private Tensor WeightTensor(Device device) =>
        tensor(Weights.SelectMany(row => row).ToArray(), device: device).view(Weights.Count, Bank.Adapters.Count);
}
