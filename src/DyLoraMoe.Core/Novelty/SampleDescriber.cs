using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
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
    /// <param name="tokenizer">The model's tokenizer; null where no prompt has to be read.</param>
    public SampleDescriber(
        CausalLanguageModel backbone, string digest, FeatureOptions? features = null, GradientOptions? gradients = null, TextTokenizer? tokenizer = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(digest);
        Backbone = digest;
        _features = new FeatureExtractor(backbone, features);
        _gradients = new GradientProbe(backbone, gradients);
        Texts = tokenizer is null ? null : new TokenizedTexts(tokenizer);
        Identity = $"{_features.Options.Identity}; {_gradients.Identity}";
    }

    /// <inheritdoc/>
    public string Backbone { get; }

    /// <inheritdoc/>
    public string Identity { get; }

    /// <inheritdoc/>
    public IPromptTexts? Texts { get; }

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

    private sealed class TokenizedTexts(TextTokenizer tokenizer) : IPromptTexts
    {
        // What is read and spelt stands between other words.
        public string TextOf(IReadOnlyList<int> ids)
        {
            var decoder = tokenizer.CreateDecoder(skipSpecialTokens: false, startOfText: false);
            return string.Concat(ids.Select(decoder.Push)) + decoder.Flush();
        }

        public int[] IdsOf(string text) => tokenizer.EncodeContinuation(text, parseSpecialTokens: false);
    }
}
