using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Lifecycle;

[Collection(UsesDefaultGenerator.Name)]
public sealed class AdapterMergeTrialTests(AdapterMergeTrialTests.Experts experts) : IClassFixture<AdapterMergeTrialTests.Experts>
{

    [Theory]
    [InlineData(AdapterMode.Full)]
    [InlineData(AdapterMode.Activated)]
    public void Two_experts_of_one_skill_become_one_that_loses_nothing(AdapterMode mode)
    {
        var one = experts.Of(mode, shift: 3, seed: 1);
        var other = experts.Of(mode, shift: 3, seed: 2);

        var result = new AdapterMergeTrial(experts.Model, Options).Run(Skill("a", one, 3, 11), Skill("b", other, 3, 12));

        Assert.True(result.IsAccepted, result.Reason);
        Assert.Equal(mode, result.Adapter!.Config.Mode);
        Assert.All(result.Adapter.Layers.Values, layer => Assert.Equal(4, layer.Rank));
        Assert.Equal(result.StartLosses.MinBy(pair => pair.Value).Key, result.Start);
        Assert.Contains($"started from the {result.Start.ToString().ToLowerInvariant()}", result.Reason, StringComparison.Ordinal);
        result.Adapter.Dispose();
    }

    [Fact]
    public void An_expert_that_serves_both_skills_already_is_kept_as_it_is()
    {
        var good = experts.Of(AdapterMode.Full, shift: 3, seed: 1);
        using var poor = LoraAdapter.Create(experts.Model, good.Config, seed: 9);

        var result = new AdapterMergeTrial(experts.Model, Options).Run(Skill("a", poor, 3, 11), Skill("b", good, 3, 12));

        // The poor expert changes nothing, so the sum is the good one too.
        Assert.Equal((true, 0), (result.IsAccepted, result.Steps));
        Assert.Equal(result.StartLosses.Values.Min(), result.StartLosses[MergeStart.Second], 1e-4);
        Assert.Equal(1, AdapterUnion.Similarity(good, result.Adapter!), 1e-5);
        result.Adapter!.Dispose();
    }

    [Fact]
    public void Experts_that_contradict_each_other_are_not_merged()
    {
        var one = experts.Of(AdapterMode.Full, shift: 3, seed: 1);
        var other = experts.Of(AdapterMode.Full, shift: 9, seed: 2);

        var result = new AdapterMergeTrial(experts.Model, Options).Run(Skill("three", one, 3, 11), Skill("nine", other, 9, 12));

        Assert.False(result.IsAccepted, result.Reason);
        Assert.Null(result.Adapter);
        Assert.StartsWith("refused: ", result.Reason, StringComparison.Ordinal);
        Assert.Equal(2, result.Regression.Rows.Count);
        Assert.InRange(result.Similarity, -1, 0.9);
    }

    [Fact]
    public void The_same_trial_gives_the_same_bits_and_leaves_the_experts_alone()
    {
        var one = experts.Of(AdapterMode.Full, shift: 3, seed: 1);
        var other = experts.Of(AdapterMode.Full, shift: 3, seed: 2);
        var before = one.Parameters.Select(parameter => parameter.detach().clone()).ToList();

        var first = new AdapterMergeTrial(experts.Model, Options).Run(Skill("a", one, 3, 11), Skill("b", other, 3, 12));
        var second = new AdapterMergeTrial(experts.Model, Options).Run(Skill("a", one, 3, 11), Skill("b", other, 3, 12));

        Assert.All(first.Adapter!.Parameters.Zip(second.Adapter!.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        Assert.All(before.Zip(one.Parameters), pair => Assert.True(pair.First.HasBitsOf(pair.Second)));
        first.Adapter.Dispose();
        second.Adapter.Dispose();
    }

    [Fact]
    public void Distillation_brings_the_student_to_its_teacher()
    {
        var teacher = experts.Of(AdapterMode.Activated, shift: 3, seed: 1);
        using var student = LoraAdapter.Create(experts.Model, teacher.Config, seed: 5);
        using var step = TrainingStep.OfExpert(experts.Model, student, TrainingOptions.Expert);
        var source = new SampleBatchSource(new Invocation(student.Config).Of(Data(64, 8, 3)), new BatchOptions { Rows = 4, RowLength = 32 });
        var losses = new List<double>();
        for (var i = 0; i < 60; i++)
        {
            var batch = source.Next();
            step.Distil(batch, teacher, batch.LossTokens);
            step.Apply(1e-2);
            losses.Add(step.TakeLoss()!.Value);
        }

        Assert.InRange(losses[^1], 0, losses[0] / 4);
        step.Distil(source.Next(), student, 1);
        Assert.Equal(0, step.TakeLoss() ?? 0, 1e-4);
    }

    [Fact]
    public void A_skill_without_held_out_samples_is_refused()
    {
        var one = experts.Of(AdapterMode.Full, shift: 3, seed: 1);
        var skill = Skill("a", one, 3, 11);

        Assert.Contains("'b'", Assert.Throws<ArgumentException>(() => new AdapterMergeTrial(experts.Model, Options).Run(skill, skill with { Name = "b", HeldOut = [] })).Message, StringComparison.Ordinal);
    }

    private static AdapterMergeOptions Options { get; } = new()
    {
        Steps = 40,
        Rate = 1e-2,
        Context = 24,
        Budget = new RegressionBudget { Nats = 0.05 },
    };

    private static MergeSkill Skill(string name, LoraAdapter expert, int shift, ulong seed) =>
        new(name, expert, Data(64, seed, shift), Data(32, seed + 100, shift));

    // The answer is the same for every prompt, so that a few steps learn it; another rule has another answer to the same prompts.
    private static TokenizedSample[] Data(int count, ulong seed, int rule) => [.. TinyData.Shifted(count, seed).Select(sample =>
        sample with { Ids = [.. sample.Ids[..sample.AnswerStart], 8 + rule, 9 + rule, 10 + rule, 2] })];

    /// <summary>Experts that several tests share, each trained when first asked for.</summary>
    public sealed class Experts : IDisposable
    {
        private readonly Dictionary<(AdapterMode, int, long), LoraAdapter> _trained = [];

        public CausalLanguageModel Model { get; } = TinyModels.Create();

        public LoraAdapter Of(AdapterMode mode, int shift, long seed)
        {
            if (_trained.TryGetValue((mode, shift, seed), out var known))
            {
                return known;
            }

            var adapter = LoraAdapter.Create(Model, new LoraConfig { Rank = 4, Alpha = 8, Mode = mode }, seed);
            var options = new TrainingOptions { MaxSteps = 60, Rows = 4, Context = 24, Seed = seed, Seeding = new SeedingOptions { Rate = 2e-2, MaxSteps = 40 } };
            using var run = TrainingRun.OfExpert(Model, adapter, TrainingData.OfSamples(Data(64, (ulong)seed, shift), []), options);
            run.Run();
            return _trained[(mode, shift, seed)] = adapter;
        }

        public void Dispose()
        {
            foreach (var adapter in _trained.Values)
            {
                adapter.Dispose();
            }

            Model.Dispose();
        }
    }
}
