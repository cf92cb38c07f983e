using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Models;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth;

/// <summary>The two laws of growth, for every operator on every family: nothing that the model computes changes, and what is new can learn.</summary>
public sealed class GrowthOperatorTests
{
    // As attention_bias of Qwen3's config.json has it.
    private static readonly ModelConfig _biased = TinyModels.Config(ModelFamily.Qwen3) with { QkvBias = true };

    public static TheoryData<string> BiasedCases => [.. Growths.Exact(_biased).Keys];

    public static TheoryData<ModelFamily, string> Cases => new(
        Enum.GetValues<ModelFamily>().SelectMany(family => Growths.Exact(TinyModels.Config(family)).Keys.Select(name => (family, name))));

    public static TheoryData<string, string> FixtureCases => SharedFiles.IsLeftOut ? new(("every fixture", "")) : new(
        new[] { "llama-gqa", "llama3", "qwen2", "gemma" }.SelectMany(fixture =>
            Growths.Exact(ModelConfigFile.Read(SharedFiles.Shared($"fixtures/{fixture}"))).Keys.Select(name => (fixture, name))));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Growth_changes_no_logit(ModelFamily family, string name)
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(family);
        var plan = GrowthPlan.Of(model.Config, Growths.Exact(model.Config)[name]);

        using var grown = plan.Grow(model);

        Assert.Equal(plan.ParametersAfter, grown.parameters().Sum(weight => weight.numel()));
        Assert.Equal(plan.ParametersAfter - plan.ParametersBefore, plan.Steps.Sum(step => step.NewParameters));
        Assert.InRange(Growths.Difference(model, grown, CausalLanguageModelTests.RandomIds(2, 12)), 0, Growths.Tolerance);
    }

    [Theory]
    [MemberData(nameof(BiasedCases))]
    public void Growth_changes_no_logit_where_normalised_queries_and_keys_have_biases(string name)
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(_biased);

        using var grown = GrowthPlan.Of(_biased, Growths.Exact(_biased)[name]).Grow(model);

        Assert.InRange(Growths.Difference(model, grown, CausalLanguageModelTests.RandomIds(2, 12)), 0, Growths.Tolerance);
    }

    [Theory]
    [MemberData(nameof(FixtureCases))]
    public void Growth_changes_no_logit_of_checkpoints_made_elsewhere(string fixture, string name)
    {
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Load(SharedFiles.Shared($"fixtures/{fixture}"), device: TestDevice.Current);

        using var grown = GrowthPlan.Of(model.Config, Growths.Exact(model.Config)[name]).Grow(model);

        var ids = Growths.AllIds(model.Config.VocabularySize, 8);
        Assert.InRange(Growths.Difference(model, grown, ids), 0, Growths.Tolerance);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void New_weights_get_a_gradient_when_the_operator_says_so(ModelFamily family, string name)
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model(family);
        var plan = GrowthPlan.Of(model.Config, Growths.Exact(model.Config)[name]);
        using var grown = plan.Grow(model);

        var alive = Growths.Alive(grown, 2, Growths.AllIds(grown.Config.VocabularySize, 4));

        var weights = plan.Steps[0].Tensors.Values.ToLookup(growth => growth.Arrival);
        Assert.InRange(Share(GradientArrival.AtOnce, 0), 0.99, 1);
        Assert.InRange(Share(GradientArrival.AfterOneStep, 1), 0.99, 1);
        Assert.True(weights[GradientArrival.Never].All(growth => Growths.Share([(plan.IsNew(growth.Name), alive[1][growth.Name])]) == 0));

        double Share(GradientArrival arrival, int step) => Growths.Share(weights[arrival].Select(growth => (plan.IsNew(growth.Name), alive[step][growth.Name])));
    }

    [Theory]
    [MemberData(nameof(CausalLanguageModelTests.Families), MemberType = typeof(CausalLanguageModelTests))]
    public void The_list_of_weights_is_the_models_own(ModelFamily family)
    {
        foreach (var isBiased in new[] { false, true })
        {
            var config = TinyModels.Config(family) with { OutputBias = isBiased, FeedForwardBias = isBiased };
            using var model = Growths.Model(config);

            Assert.Equal(
                model.named_parameters().Select(pair => $"{pair.name} {string.Join(',', pair.parameter.shape)}").Order(StringComparer.Ordinal),
                WeightLayout.Of(config).Select(weight => $"{weight.Name} {string.Join(',', weight.ShapeIn(config))}").Order(StringComparer.Ordinal));
        }
    }
}
