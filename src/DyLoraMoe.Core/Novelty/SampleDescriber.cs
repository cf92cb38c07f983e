using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Novelty;

/// <summary>Describes samples by the backbone's features of their prompts and by its gradients on their answers.</summary>
public sealed class SampleDescriber : ISampleDescriber, IDisposable
{
    private readonly FeatureExtractor _features;
    private readonly GradientProbe _gradients;

    /// <summary>A describer.</summary>
    /// <param name="backbone">The frozen model; stays the caller's.</param>
    /// <param name="digest">The backbone's digest.</param>
    /// <param name="features">Which states describe a prompt; the defaults when null.</param>
    /// <param name="gradients">Which gradients describe an answer; the defaults when null.</param>
    public SampleDescriber(CausalLanguageModel backbone, string digest, FeatureOptions? features = null, GradientOptions? gradients = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(digest);
        Backbone = digest;
        _features = new FeatureExtractor(backbone, features);
        _gradients = new GradientProbe(backbone, gradients);
        Identity = $"{_features.Options.Identity}; {_gradients.Identity}";
    }

    /// <inheritdoc/>
    public string Backbone { get; }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public Tensor Features(IReadOnlyList<int[]> prompts, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        _features.Of(prompts, progress, cancellation);

    /// <inheritdoc/>
    public Tensor Gradients(IReadOnlyList<TokenizedSample> samples, IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        _gradients.Of(samples, progress, cancellation);

    /// <summary>Frees its own memory; the backbone stays.</summary>
    public void Dispose()
    {
        _features.Dispose();
        _gradients.Dispose();
    }
}
