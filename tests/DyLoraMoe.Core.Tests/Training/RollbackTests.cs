using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Training;

/// <summary>
/// A small model that knows three skills learns a fourth with replay, while something goes wrong. A skill is a marker and two
/// shifts, of which each letter takes one by chance, so that no skill's loss falls below about half a nat.
/// </summary>
[Collection(UsesDefaultGenerator.Name)]
public sealed class RollbackTests : IDisposable
{
    private const int Skills = 3;
    private const int New = 3;
    private const int Steps = 60;
    private const double Rate = 5e-4;

    // Nats that a canary may rise by. The model has some 0.56: less than one percent of it, which rolls a sound run back now and then as well, and what no sound run rises by.
    private const double Tight = 0.005;
    private const double Wide = 0.009;

    private static readonly Disturbance None = new();
    private static readonly Disturbance Poison = new() { From = 46, Until = 59 };
    private static readonly Disturbance Noise = new() { Noise = 0.4 };
    private static readonly Disturbance TenTimesTheRate = new() { Rate = 10 };
    private static readonly Disturbance Change = new() { From = 40 };

    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = Steps,
        Rows = 8,
        Context = 48,
        ClipNorm = null,
        EvaluateEvery = 1000,
        CanariesEvery = 5,
        KeepBest = false,
        Seeding = new SeedingOptions { Rate = Rate, WarmUpSteps = 20, MaxSteps = Steps, PlateauPatience = null },
    };

    private static readonly RollbackOptions Rollback = new() { MaxRollbacks = 12, KeepEvery = 5, MaxLossRatio = 1.6 };

    private static readonly Lazy<(string Name, Tensor Value)[]> Taught = new(Teach);
    private static readonly Lazy<Ran> Undisturbed = new(() => Run(None, null));

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Disturbances => ["poison", "noise", "rate", "change"];

    [Fact]
    public void Nothing_is_rolled_back_where_nothing_goes_wrong()
    {
        var watched = Run(None, Rollback, budget: Wide);

        Assert.Equal((0, TrainingOutcome.Completed), (watched.Report.Rollbacks, watched.Report.Outcome));
        ReplayTrainingTests.AssertSame(Undisturbed.Value.Weights, watched.Weights);
    }

    [Theory]
    [MemberData(nameof(Disturbances))]
    public void What_goes_wrong_costs_the_earlier_skills_less_than_one_percent_with_roll_back_and_more_without(string name)
    {
        var disturbance = name switch { "poison" => Poison, "noise" => Noise, "rate" => TenTimesTheRate, _ => Change };

        var with = Run(disturbance, Rollback);
        var without = Run(disturbance, null);

        Assert.True(with.Report.Rollbacks > 0);
        Assert.InRange(with.Loss, 0, 1.01 * Undisturbed.Value.Loss);
        Assert.True(without.Loss > 1.01 * Undisturbed.Value.Loss, $"{without.Loss} without, {Undisturbed.Value.Loss} undisturbed");
    }

    [Theory]
    [InlineData(43)]
    [InlineData(52)]
    public void A_run_that_was_interrupted_rolls_back_as_a_straight_one_does(int stopAt)
    {
        var straight = Run(Poison, Rollback);

        Run(Poison, Rollback, stopAt, _folder.FullPath);
        var resumed = Run(Poison, Rollback, null, _folder.FullPath);

        Assert.Equal((stopAt, straight.Report.Rollbacks), (resumed.Report.ResumedFrom, resumed.Report.Rollbacks));
        ReplayTrainingTests.AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void A_roll_back_names_the_gauge_and_is_counted()
    {
        var watcher = new Watcher();

        var report = Run(TenTimesTheRate, Rollback, watcher: watcher).Report;

        var told = watcher.Reports.Where(sent => sent.Kind == ProgressKind.RolledBack).ToList();
        Assert.Equal(report.Rollbacks, told.Count);
        Assert.Equal(Enumerable.Range(1, told.Count), told.Select(sent => sent.Rollbacks));
        Assert.Contains(told, sent => sent.Message!.Contains("the rise of the canary", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_may_roll_back_no_more_ends_with_its_last_good_weights()
    {
        var (report, loss, _) = Run(Change, Rollback with { MaxRollbacks = 1 });

        Assert.Equal((TrainingOutcome.Unstable, 1), (report.Outcome, report.Rollbacks));
        Assert.All(report.Gauges, gauge => Assert.False(gauge.IsOver));
        Assert.True(double.IsFinite(loss));
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_rolled_back_instead_of_ending_the_run()
    {
        Assert.Throws<TrainingDivergedException>(() => Run(None, null, breakAt: 12));
        var (report, loss, _) = Run(None, Rollback, breakAt: 12, budget: Wide);

        Assert.Equal((TrainingOutcome.Completed, 1), (report.Outcome, report.Rollbacks));
        Assert.True(double.IsFinite(loss));
    }

    [Fact]
    public void Steps_stay_within_their_budget()
    {
        var budget = new StepBudget { MaxNats = 1e-5, CheckEvery = 1, Anchors = 6 };
        var watcher = new Watcher();

        var free = Run(None, null, options: Options with { MaxSteps = 20 }).Report;
        var bound = Run(None, null, options: Options with { MaxSteps = 20, StepBudget = budget }, watcher: watcher).Report;

        Assert.Equal(free.Steps, bound.Steps);
        var rates = watcher.Reports.Where(sent => sent.Kind == ProgressKind.Stepped).Select(sent => sent.Rate).ToList();
        Assert.True(rates[^1] < Rate / 2, string.Join(' ', rates));
    }

    public void Dispose() => _folder.Dispose();

    private static TokenizedSample[] Skill(int skill, int count, ulong seed, double noise = 0, int off = 0)
    {
        var random = new SeededRandom(seed, (ulong)skill);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var isNoise = random.Chance(noise);
            var letters = Enumerable.Range(0, 4).Select(_ => random.Next(16)).ToArray();
            int[] prompt = [1, 30 + skill, .. letters.Select(letter => 8 + letter), 4];
            int[] answer = [.. letters.Select(letter => 8 + (isNoise ? random.Next(16) : (letter + off + (3 * skill) + random.Next(2)) % 16)), 2];
            return new TokenizedSample([.. prompt, .. answer], prompt.Length, prompt.Length, prompt.Length - 1);
        })];
    }

    private static TokenizedSample[] Earlier(int each, ulong seed, int off = 0) => [.. Enumerable.Range(0, Skills).SelectMany(skill => Skill(skill, each, seed, off: off))];

    private static (string, Tensor)[] Teach()
    {
        using var model = TinyModels.Create().Unfreeze();
        const int Lessons = 1200;
        var options = Options with { MaxSteps = Lessons, Rows = 16, Seeding = Options.Seeding with { Rate = 5e-3, MaxSteps = Lessons * 2 / 3 }, Consolidation = new ConsolidationOptions { Rate = 5e-3, FinalRate = 1e-4 } };
        using var run = TrainingRun.OfModel(model, TrainingData.OfSamples([.. Earlier(4000, 1), .. Skill(New, 1500, 1)], []), options);
        run.Run();
        return [.. model.named_parameters().Select(pair => (pair.name, pair.parameter.detach().clone()))];
    }

    private static Ran Run(
        Disturbance disturbance,
        RollbackOptions? rollback,
        int? stopAt = null,
        string? folder = null,
        Watcher? watcher = null,
        int? breakAt = null,
        TrainingOptions? options = null,
        double budget = Tight)
    {
        var taught = Taught.Value;
        using var stop = new CancellationTokenSource();
        using var model = TinyModels.Create();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }

            if (report.Step == breakAt && report.Kind == ProgressKind.Stepped)
            {
                using var _ = no_grad();
                model.parameters().First().fill_(double.NaN);
            }
        });
        using (no_grad())
        {
            foreach (var ((_, parameter), (_, value)) in model.named_parameters().Zip(taught))
            {
                parameter.copy_(value);
            }
        }

        options ??= Options with { Seeding = Options.Seeding with { Rate = Rate * disturbance.Rate } };
        var data = TrainingData.OfSource(disturbance.Open, EvaluationSet.Empty) with
        {
            Anchors = Earlier(4, 5),
            Canaries = rollback is not null
                ? [.. Enumerable.Range(0, Skills).Select(skill => new Canary($"skill {skill}", Skill(skill, 60, 6), new RegressionBudget { Nats = budget, Share = 0 }))]
                : [],
        };
        using var run = TrainingRun.OfModel(
            model, data, options with { Rollback = rollback }, new RunSettings { CheckpointFolder = folder, LogEvery = 1, Progress = watcher is null ? [stopper] : [stopper, watcher] });
        var report = run.Run(stop.Token);
        var loss = new LanguageModelEvaluator(model).Evaluate(EvaluationSet.OfSamples(Earlier(60, 7))).Loss;
        return new Ran(report, loss, [.. model.parameters().Select(parameter => parameter.detach().clone())]);
    }

    /// <summary>What came of a run.</summary>
    /// <param name="Report">Its report.</param>
    /// <param name="Loss">On the earlier skills, in nats per token.</param>
    /// <param name="Weights">The weights.</param>
    private sealed record Ran(TrainingReport Report, double Loss, Tensor[] Weights);

    /// <summary>What goes wrong with a run.</summary>
    private sealed record Disturbance
    {
        /// <summary>Factor on the rate.</summary>
        public double Rate { get; init; } = 1;

        /// <summary>Share of all samples whose answers are of chance.</summary>
        public double Noise { get; init; }

        /// <summary>The first batch that is replaced by one of the earlier skills' prompts with answers that are four letters off.</summary>
        public long From { get; init; } = long.MaxValue;

        /// <summary>The first after it that is not.</summary>
        public long Until { get; init; } = long.MaxValue;

        public DisturbedSource Open(BatchOptions options) => new(
            ReplaySource.Open(Skill(New, 200, 2, Noise), [.. Enumerable.Range(0, Skills).Select(skill => Skill(skill, 500, 9, Noise))], 85, options),
            new SampleBatchSource(Earlier(60, 8, off: 4), options),
            From,
            Until);
    }
}
