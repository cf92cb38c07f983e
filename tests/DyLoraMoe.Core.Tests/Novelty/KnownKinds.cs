using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Novelty;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

/// <summary>Libraries that know some kinds of Gaussian samples, each with an expert.</summary>
internal static class KnownKinds
{
    public static SkillLibrary Library(GaussianDescriber describer, string folder, int heldOut, params int[] kinds)
    {
        var library = SkillLibrary.Create(folder, describer, GaussianDescriber.Anchors());
        foreach (var kind in kinds)
        {
            library.Add($"skill-{kind}", $"sha256:{kind:x8}", GaussianDescriber.Samples(kind, 300, seed: 1), GaussianDescriber.Samples(kind, heldOut, seed: 2), describer);
            var gains = Enumerable.Range(0, 60).Select(index => 0.5 + (0.05 * (index % 5))).ToArray();
            library.AssignExpert($"skill-{kind}", $"expert-{kind}", new ExpertEvidence
            {
                Backbone = [.. gains.Select(_ => 6.0)],
                Expert = [.. gains.Select(gain => 2 * gain)],
                Tokens = [.. gains.Select(_ => 2)],
            });
        }

        return library;
    }

    public static FakeLosses Losses(Func<string, (double Backbone, double Expert)>? loss = null) => new(loss);
}

// An expert is as good as on its own data where rule and words are its own, and worse than the backbone elsewhere.
internal sealed class WordyLosses : IExpertLosses
{
    public IReadOnlyList<SampleLoss> Backbone(IReadOnlyList<TokenizedSample> samples) => [.. samples.Select(_ => new SampleLoss(6, 2, 6, 2))];

    public IReadOnlyList<SampleLoss>? Of(string expert, IReadOnlyList<TokenizedSample> samples) => [.. samples.Select((sample, index) =>
    {
        var nats = expert == $"expert-{sample.Ids[^1]}" && sample.Ids[0] == 0 ? 0.5 + (0.05 * (index % 5)) : 4;
        return new SampleLoss(2 * nats, 2, 2 * nats, 2);
    })];
}

// By default an expert is as good as on its own data where the kind is its own, and worse than the backbone elsewhere.
internal sealed class FakeLosses(Func<string, (double Backbone, double Expert)>? loss) : IExpertLosses
{
    public IReadOnlyList<SampleLoss> Backbone(IReadOnlyList<TokenizedSample> samples) => [.. samples.Select(_ => Nats(loss?.Invoke("expert-0").Backbone ?? 3))];

    public IReadOnlyList<SampleLoss>? Of(string expert, IReadOnlyList<TokenizedSample> samples) =>
        [.. samples.Select((sample, index) => Nats(loss?.Invoke(expert).Expert ?? (expert == $"expert-{sample.Ids[^1]}" ? 0.5 + (0.05 * (index % 5)) : 5)))];

    private static SampleLoss Nats(double perToken) => new(2 * perToken, 2, 2 * perToken, 2);
}

internal sealed class Entropies(Func<Tensor, Tensor> ofFeatures) : IRouterEntropies
{
    public Tensor Of(Tensor features) => ofFeatures(features);

    public Tensor? OfTraining(string skill) => null;
}
