using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Routing;

/// <summary>Two experts on a tiny model; each sample's answer is what its own expert would say.</summary>
public sealed class RouterLanguageLossTests : IDisposable
{
    private const int PromptTokens = 4;
    private const int AnswerTokens = 6;
    private const int Rows = 16;
    private readonly CausalLanguageModel _model = TinyModels.Create();
    private readonly List<LoraAdapter> _experts;
    private readonly AdapterBank _bank;
    private readonly PackedBatch _batch;
    private readonly TokenizedSample[] _samples;
    private readonly Tensor _features;
    private readonly int[] _skills = [.. Enumerable.Range(0, Rows).Select(row => row % 2)];

    public RouterLanguageLossTests()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        _experts = [LoraAdapters.Trained(_model, 1), LoraAdapters.Trained(_model, 2)];
        foreach (var layer in _experts.SelectMany(expert => expert.Layers.Values))
        {
            layer.B.mul_(0.5);
        }

        _bank = new AdapterBank(_experts);
        var mask = tensor(_skills).unsqueeze(1).eq(arange(2)).to_type(ScalarType.Float32).to(TestDevice.Current);      // (B, E)
        var ids = CausalLanguageModelTests.RandomIds(Rows, PromptTokens);
        for (var token = 0; token < AnswerTokens; token++)
        {
            using var delta = new AdapterBatch(_bank, mask, ids.shape[1]);
            ids = cat([ids, _model.Logits(ids, new ForwardOptions { Delta = delta }).select(1, ids.shape[1] - 1).argmax(-1, keepdim: true)], 1);
        }

        var flat = ids.cpu().data<long>().ToArray();
        _samples = [.. Enumerable.Range(0, Rows).Select(row => new TokenizedSample(
            [.. flat.Skip(row * (PromptTokens + AnswerTokens)).Take(PromptTokens + AnswerTokens).Select(id => (int)id)], PromptTokens, PromptTokens, PromptTokens - 1))];
        _batch = PackedBatch.Of(_samples, [.. Enumerable.Range(0, Rows).Select(row => new[] { row })], PromptTokens + AnswerTokens);
        _features = (Routers.Features(Rows) + (tensor(_skills).unsqueeze(1) * 4)).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        _features.Dispose();
        _bank.Dispose();
        _experts.ForEach(expert => expert.Dispose());
        _model.Dispose();
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void Pitfall_2_the_language_loss_reaches_the_gate_dense_blended_and_sparse(double maturity)
    {
        using var router = Routers.Fitted([maturity, maturity]);
        using var training = new RouterLanguageLoss(_model, _bank, router, new RouterLanguageLossOptions { ReachesUnchosen = false });

        training.Backward(_batch, _features);

        Assert.True(training.Gate.grad!.abs().amin(1).min().item<float>() > 0);
        Assert.All(_experts.SelectMany(expert => expert.Parameters), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void The_language_loss_falls_and_prompts_find_their_experts(double maturity)
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([maturity, maturity], loudness: 0.2);
        using var training = new RouterLanguageLoss(_model, _bank, router, new RouterLanguageLossOptions { Rate = 0.1 });

        var losses = Enumerable.Range(0, 60).Select(_ => training.Step(_batch, _features, _skills)).ToArray();

        using var trained = training.ToRouter();
        var owners = trained.Probabilities(_features).argmax(-1);
        var rightly = owners.eq(tensor(_skills) + 1).to_type(ScalarType.Float32).mean().item<float>();
        Assert.True(losses[^10..].Average() < losses[0] - 0.2 && rightly > 0.8, $"{losses[0]} -> {losses[^10..].Average()}, {rightly} routed rightly");
        Assert.NotEqual(router.Digest, trained.Digest);
    }

    [Fact]
    public void Prompts_that_go_to_the_bare_backbone_still_teach()
    {
        using var scope = NewDisposeScope();
        using var fitted = Routers.Fitted([1, 1], loudness: 0.2);
        using var router = fitted.WithGate(zeros_like(fitted.Tensors.Gate), tensor(new float[] { 3, 0, 0 }), _ => true);
        using var training = new RouterLanguageLoss(_model, _bank, router, new RouterLanguageLossOptions { Rate = 0.1 });

        Assert.Equal(0, router.Weights(_features).max().item<float>());
        var losses = Enumerable.Range(0, 60).Select(_ => training.Step(_batch, _features)).ToArray();

        Assert.True(losses[^10..].Average() < losses[0] - 0.15, $"{losses[0]} -> {losses[^10..].Average()}");
    }

    [Fact]
    public void Pitfall_9_training_runs_with_the_weights_that_serve()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var router = Routers.Fitted([0.4, 0.8]);
        using var training = new RouterLanguageLoss(_model, _bank, router);
        var ids = tensor(_batch.InputIds, [_batch.Rows, _batch.Length], device: TestDevice.Current);
        using var served = new AdapterBatch(_bank, router.Weights(_features).to(TestDevice.Current), _batch.Length);
        var logits = _model.Logits(ids, new ForwardOptions { Delta = served });

        var expected = nn.functional.cross_entropy(logits.view(-1, 64), tensor(_batch.Targets, device: TestDevice.Current), ignore_index: PackedBatch.IgnoredTarget).item<float>();

        using var __ = enable_grad();
        Assert.Equal(expected, training.Backward(_batch, _features), 1e-4);
    }

    [Fact]
    public void A_router_is_tuned_by_the_samples_behind_its_features_and_the_same_input_gives_the_same_router()
    {
        using var scope = NewDisposeScope();
        using var fitted = Routers.Fitted([0.5, 0.5], loudness: 0.2);

        var first = Tune(fitted, heldTo: 0);

        var skills = first.Report.Skills.Where(skill => skill.Owner is not null).ToList();
        Assert.True(skills.Average(skill => skill.Accuracy) > Math.Max(0.8, skills.Average(skill => skill.AccuracyBefore!.Value) + 0.1), string.Join('\n', skills));
        Assert.NotEqual(fitted.Digest, first.Router.Digest);
        Assert.Equal(first.Router.Digest, Tune(fitted, heldTo: 0).Router.Digest);
    }

    [Fact]
    public void A_router_that_is_held_to_the_fit_changes_less()
    {
        using var scope = NewDisposeScope();
        using var fitted = Routers.Fitted([0.5, 0.5], loudness: 0.2);

        var (free, held) = (Tune(fitted, heldTo: 0).Report.DivergenceFromPast!.Value, Tune(fitted, heldTo: 100).Report.DivergenceFromPast!.Value);

        Assert.True(held < free / 4, $"{free} nats without, {held} with");
    }

    [Fact]
    public void What_a_router_is_held_to_is_the_fit_itself_however_unequally_features_spread()
    {
        using var scope = NewDisposeScope();
        using var fitted = Routers.Fitted([0.5, 0.5], loudness: 1);
        _features.mul_(pow(10, linspace(-1, 1, Routers.Width)));

        Assert.InRange(Tune(fitted, heldTo: 1e5).Report.DivergenceFromPast!.Value, 0, 2e-3);
    }

    [Fact]
    public void Samples_that_are_not_those_of_the_features_are_refused()
    {
        using var scope = NewDisposeScope();
        using var fitted = Routers.Fitted([0, 0]);

        Assert.Contains("expected one each", Refusal(new() { ["one"] = _samples[..3] }), StringComparison.Ordinal);
        Assert.Contains("No skill of an expert", Refusal([]), StringComparison.Ordinal);

        string Refusal(Dictionary<string, IReadOnlyList<TokenizedSample>> samples) => Assert.Throws<ArgumentException>(() => RouterFineTuning.Run(
            _model, _bank, fitted, fitted, Skills(), samples, new RouterTrainingOptions(), new RouterLanguageLossOptions())).Message;
    }

    [Fact]
    public void A_row_of_several_samples_is_refused()
    {
        using var scope = NewDisposeScope();
        using var router = Routers.Fitted([0, 0]);
        using var training = new RouterLanguageLoss(_model, _bank, router);
        var packed = PackedBatch.Of(TinyData.Shifted(4), [[0, 1], [2, 3]], 64);

        Assert.Contains("per prompt", Assert.Throws<ArgumentException>(() => training.Step(packed, Routers.Features(2))).Message, StringComparison.Ordinal);
    }

    private RouterFit Tune(DynamicHybridRouter fitted, double heldTo) => RouterFineTuning.Run(
        _model,
        _bank,
        fitted,
        fitted,
        Skills(),
        new Dictionary<string, IReadOnlyList<TokenizedSample>> { ["one"] = Of(0), ["two"] = Of(1) },
        new RouterTrainingOptions { Distillation = heldTo },
        new RouterLanguageLossOptions { Rate = 0.1, Steps = 60, Rows = 16 });

    private TokenizedSample[] Of(int skill) => [.. _samples.Where((_, row) => _skills[row] == skill)];

    private IReadOnlyList<SkillFeatures> Skills() =>
    [
        new("(backbone)", 0, Routers.Features(8, seed: 9)),
        .. new[] { "one", "two" }.Select((name, skill) => new SkillFeatures(name, skill + 1, _features.index_select(0, arange(skill, Rows, 2)))),
    ];
}
