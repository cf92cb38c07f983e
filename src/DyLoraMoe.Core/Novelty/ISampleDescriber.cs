using DyLoraMoe.Core.Data;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>Describes samples by numbers that only the frozen backbone decides.</summary>
/// <remarks>Shapes: N samples, F features, G gradient features.</remarks>
public interface ISampleDescriber
{
    /// <summary>Digest of the backbone.</summary>
    string Backbone { get; }

    /// <summary>Everything else that decides what the numbers mean, in one line.</summary>
    string Identity { get; }

    /// <summary>Reads and writes prompts; null where ids are all there is.</summary>
    IPromptTexts? Texts => null;

    /// <summary>What the backbone makes of prompts.</summary>
    /// <param name="prompts">Token ids; none may be empty.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>(N, F) float32 on the CPU; the caller owns it.</returns>
    Tensor Features(IReadOnlyList<int[]> prompts, IProgress<int>? progress = null, CancellationToken cancellation = default);

    /// <summary>Where the answers would push the backbone.</summary>
    /// <param name="samples">Samples with answers.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>(N, G) float32 on the CPU; the caller owns it.</returns>
    Tensor Gradients(IReadOnlyList<TokenizedSample> samples, IProgress<int>? progress = null, CancellationToken cancellation = default);
}
