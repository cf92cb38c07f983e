using DyLoraMoe.Core.Data;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// What a run hands over to the next one besides the weights: what the optimizer remembers and how far the data were read. The next run then goes
/// on as if it were the same one, on a budget and a schedule of its own.
/// </summary>
public sealed class RunHandover : IDisposable
{
    internal RunHandover(IReadOnlyList<Tensor> moments, IReadOnlyList<long> optimizerSteps, BatchSourceState source) =>
        (Moments, OptimizerSteps, Source) = (moments, optimizerSteps, source);

    internal IReadOnlyList<Tensor> Moments { get; }

    internal IReadOnlyList<long> OptimizerSteps { get; }

    internal BatchSourceState Source { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var moment in Moments)
        {
            moment.Dispose();
        }
    }
}
