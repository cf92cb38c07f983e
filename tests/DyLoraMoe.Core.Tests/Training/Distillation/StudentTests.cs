using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Growth.Shrinking;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Growth;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training.Distillation;

public sealed class StudentTests
{
    private static readonly EvaluationSet _heldOut = EvaluationSet.OfStream(TinyData.Stream(600, seed: 99));

    [Fact]
    public void An_exactly_grown_model_is_at_no_distance_from_its_smaller_self()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var grown = GrowthPlan.Of(model.Config, new WidenFeedForward(60), new ExtendVocabulary(70)).Grow(model);

        Assert.InRange(DivergenceGauge.Measure(model, grown, _heldOut), 0, 1e-6);
        Assert.True(DivergenceGauge.Measure(model, Growths.Model(TinyModels.Config(), seed: 8), _heldOut) > 0.1);
    }

    [Fact]
    public void Distillation_in_reverse_takes_back_what_noise_did_without_a_token_of_training_data()
    {
        using var scope = NewDisposeScope();
        using var model = Learnt();
        var plan = GrowthPlan.Of(model.Config, new WidenHidden(40, GrowthVariant.ZeroPadded), new InsertLayers(1));
        using var grown = plan.Grow(model);
        GrowthNoise.Add(grown, plan, scale: 0.6);
        var before = DivergenceGauge.Measure(model, grown, _heldOut);
        var texts = TeachingText.OfTeacher(model, 64, 24).SelectMany(text => text.Ids).ToArray();

        var report = Run(grown, new Teacher(model), TrainingData.OfSource(batches => new StreamBatchSource(texts, batches), _heldOut), Options(120));

        var after = DivergenceGauge.Measure(model, grown, _heldOut);
        Assert.True(before > 0.005, $"noise did nothing: {before}");
        Assert.True(after < before / 5, $"from {before} to {after}");
        Assert.True(report.FinalLoss < report.BaselineLoss);
    }

    [Fact]
    public void A_small_copy_of_itself_learns_faster_than_a_small_model_from_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Learnt();
        var plan = ShrinkPlan.Of(model.Config, UnitImportance.Of(model, EvaluationSet.OfStream(TinyData.Stream(400, seed: 5))), new ShrinkOptions { FeedForward = 24, KeyValueHeads = 1 });
        using var copy = plan.Grow(model);
        using var fresh = Growths.Model(plan.After, seed: 3);
        var before = DivergenceGauge.Measure(model, copy, _heldOut);

        Run(copy, new Teacher(model), Data(Handover.Never), Options(40));
        Run(fresh, new Teacher(model), Data(Handover.Never), Options(40));

        var (ofCopy, ofFresh) = (DivergenceGauge.Measure(model, copy, _heldOut), DivergenceGauge.Measure(model, fresh, _heldOut));
        Assert.True(ofCopy < before);
        Assert.True(ofCopy < ofFresh, $"copy {ofCopy}, fresh {ofFresh}");
    }

    [Fact]
    public void When_data_take_over_from_the_start_it_is_plain_training()
    {
        using var scope = NewDisposeScope();
        using var teacher = Growths.Model(TinyModels.Config(), seed: 8);
        using var student = Growths.Model();
        using var alone = Growths.Model();
        var handover = new Handover(1, 1, 6);

        Run(student, new Teacher(teacher) { Handover = handover }, Data(handover), Options(6));
        using (var run = TrainingRun.OfModel(alone, Data(handover), Options(6)))
        {
            run.Run();
        }

        Assert.All(student.parameters().Zip(alone.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void An_interrupted_run_ends_with_the_very_bits_and_refuses_another_teacher()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        using var teacher = Learnt();
        using var whole = Growths.Model(TinyModels.Config(), seed: 3);
        var handover = new Handover(0, 1, 24);
        Run(whole, new Teacher(teacher) { Handover = handover }, Data(handover), Options(12) with { Accumulation = 2 });

        using var stopping = new CancellationTokenSource();
        var settings = new RunSettings { CheckpointFolder = folder["checkpoints"], LogEvery = 1, Progress = [new StopAt(stopping, 5)] };
        using (var first = Growths.Model(TinyModels.Config(), seed: 3))
        {
            using var run = TrainingRun.OfStudent(first, new Teacher(teacher) { Handover = handover }, Data(handover), Options(12) with { Accumulation = 2 }, settings);
            Assert.Equal(TrainingOutcome.Interrupted, run.Run(stopping.Token).Outcome);
        }

        using var second = Growths.Model(TinyModels.Config(), seed: 3);
        using (var other = TrainingRun.OfStudent(second, new Teacher(whole) { Handover = handover }, Data(handover), Options(12) with { Accumulation = 2 }, settings with { Progress = [] }))
        {
            Assert.Contains("teacher", Assert.Throws<CheckpointMismatchException>(() => other.Run()).Message, StringComparison.Ordinal);
        }

        using (var run = TrainingRun.OfStudent(second, new Teacher(teacher) { Handover = handover }, Data(handover), Options(12) with { Accumulation = 2 }, settings with { Progress = [] }))
        {
            Assert.Equal(5, run.Run().ResumedFrom);
        }

        Assert.All(whole.parameters().Zip(second.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
    }

    [Fact]
    public void A_student_with_a_smaller_vocabulary_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var smaller = Growths.Model(TinyModels.Config() with { VocabularySize = 60 });

        Assert.Throws<ArgumentException>(() => TrainingRun.OfStudent(smaller, new Teacher(model), Data(Handover.Never), Options(1)));
    }

    [Fact]
    public void Windows_predict_every_token_but_the_first_once()
    {
        var windows = TeachingText.Windows([.. Enumerable.Range(0, 11)], 4);

        Assert.Equal([[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [8, 9, 10]], windows.Select(window => window.Ids));
        Assert.Equal(10, windows.Sum(window => window.LossTokens));
        Assert.Empty(TeachingText.Windows([7], 4));
    }

    private static TrainingOptions Options(int steps) => TrainingOptions.Pretraining with
    {
        Seeding = new SeedingOptions { Rate = 3e-3, WarmUpSteps = 5, MaxSteps = 5, PlateauPatience = null },
        Consolidation = new ConsolidationOptions { Rate = 3e-3, FinalRate = 3e-4 },
        MaxSteps = steps,
        Rows = 8,
        Context = 24,
        WeightDecay = 0,
    };

    private static TrainingData Data(Handover handover) =>
        TrainingData.OfSource(batches => HandoverSource.Open(TinyData.Stream(4000, seed: 2), TinyData.Stream(3000, seed: 4), handover, batches), _heldOut);

    private static TrainingReport Run(CausalLanguageModel student, Teacher teacher, TrainingData data, TrainingOptions options)
    {
        using var run = TrainingRun.OfStudent(student, teacher, data, options);
        return run.Run();
    }

    private static CausalLanguageModel Learnt()
    {
        var model = Growths.Model();
        using var run = TrainingRun.OfModel(model, TrainingData.OfStream(TinyData.Stream(4000), []), Options(60) with { Context = 32 });
        run.Run();
        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        return model;
    }

    private sealed class StopAt(CancellationTokenSource source, int step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                source.Cancel();
            }
        }
    }
}
