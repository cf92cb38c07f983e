using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Distillation;
using DyLoraMoe.Core.Growth.Operators;
using DyLoraMoe.Core.Growth.Shrinking;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Growth.Distillation;

public sealed class ModelDistillationTests
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
        var source = new SampleBatchSource(TeachingText.OfTeacher(model, 64, 24), new BatchOptions { Rows = 16, RowLength = 24 });

        var report = ModelDistillation.Run(grown, model, source, _heldOut, new DistillationOptions { Steps = 120, Rate = 3e-3, MeasureEvery = 60 });

        Assert.True(report.Before > 0.005, $"noise did nothing: {report.Before}");
        Assert.True(report.After < report.Before / 5, $"from {report.Before} to {report.After}");
        Assert.Equal([0, 60, 120], report.Curve.Select(point => point.Step));
        Assert.True(report.TeacherTokens > 0);
    }

    [Fact]
    public void A_small_copy_of_itself_learns_faster_than_a_small_model_from_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = Learnt();
        var plan = ShrinkPlan.Of(model.Config, UnitImportance.Of(model, EvaluationSet.OfStream(TinyData.Stream(400, seed: 5))), new ShrinkOptions { FeedForward = 24, KeyValueHeads = 1 });
        using var copy = plan.Grow(model);
        using var fresh = Growths.Model(plan.After, seed: 3);
        var options = new DistillationOptions { Steps = 40, Rate = 3e-3 };

        var ofCopy = ModelDistillation.Run(copy, model, Source(), _heldOut, options);
        var ofFresh = ModelDistillation.Run(fresh, model, Source(), _heldOut, options);

        Assert.True(ofCopy.After < ofCopy.Before);
        Assert.True(ofCopy.After < ofFresh.After, $"copy {ofCopy.After}, fresh {ofFresh.After}");

        static StreamBatchSource Source() => new(TinyData.Stream(4000, seed: 2), new BatchOptions { Rows = 8, RowLength = 32 });
    }

    [Fact]
    public void The_schedule_hands_over_from_teacher_to_data()
    {
        var options = new DistillationOptions { Steps = 11, Rate = 1, WarmUpSteps = 2, LabelsAtStart = 0, LabelsAtEnd = 1 };

        Assert.Equal((0.0, 0.5, 1.0), (options.LabelsIn(0), options.LabelsIn(5), options.LabelsIn(10)));
        Assert.Equal((0.5, 1.0, 1.0), (options.RateIn(0), options.RateIn(1), options.RateIn(2)));
        Assert.InRange(options.RateIn(10), 0.1, 0.15);
    }

    [Fact]
    public void A_student_with_a_smaller_vocabulary_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Growths.Model();
        using var smaller = Growths.Model(TinyModels.Config() with { VocabularySize = 60 });
        var source = new SampleBatchSource(TeachingText.Random(60, 4, 8), new BatchOptions { Rows = 4, RowLength = 8 });

        Assert.Throws<ArgumentException>(() => ModelDistillation.Run(smaller, model, source, _heldOut, new DistillationOptions()));
    }

    private static CausalLanguageModel Learnt()
    {
        var model = Growths.Model();
        using var training = TrainingStep.OfModel(model, new TrainingOptions { Rows = 8, Context = 32 });
        var source = new StreamBatchSource(TinyData.Stream(4000), new BatchOptions { Rows = 8, RowLength = 32 });
        for (var step = 0; step < 60; step++)
        {
            training.Take(MicroBatches.Take(source, 1), 3e-3);
        }

        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        return model;
    }
}
