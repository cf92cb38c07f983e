using System.Globalization;
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
public sealed class RollbackTests(ITestOutputHelper output) : IDisposable
{
    private const int Skills = 3;
    private const int New = 3;
    private const double Rate = 1e-3;

    private static readonly TrainingOptions Options = new()
    {
        MaxSteps = 60,
        Rows = 4,
        Context = 48,
        EvaluateEvery = 1000,
        CanariesEvery = 5,
        KeepBest = false,
        Seeding = new SeedingOptions { Rate = Rate, WarmUpSteps = 5, MaxSteps = 60, PlateauPatience = null },
    };

    private static readonly RollbackOptions Rollback = new() { MaxRollbacks = 4, KeepEvery = 5, MaxLossRatio = 1.6 };

    private static readonly Lazy<(string Name, Tensor Value)[]> Taught = new(Teach);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_goes_wrong_costs_the_earlier_skills_less_than_one_percent_with_roll_back_and_more_without()
    {
        var undisturbed = Run(Disturbance.None, Rate, Rollback);
        output.WriteLine($"{"",-16}{"roll back",10}{"rolled",8}{"earlier skills",16}{"over undisturbed",18}");
        Write("undisturbed", undisturbed, true, undisturbed.Loss);
        Assert.Equal(0, undisturbed.Report.Rollbacks);
        foreach (var (name, disturbance, rate) in new[]
        {
            ("poisoned batch", Disturbance.Poison, Rate),
            ("label noise", Disturbance.Noise, Rate),
            ("ten times the rate", Disturbance.None, 10 * Rate),
            ("other data", Disturbance.Change, Rate),
        })
        {
            var (with, without) = (Run(disturbance, rate, Rollback), Run(disturbance, rate, null));
            Write(name, with, true, undisturbed.Loss);
            Write(name, without, false, undisturbed.Loss);
            Assert.True(with.Report.Rollbacks > 0, name);
            Assert.True(with.Loss <= 1.01 * undisturbed.Loss, name);
            Assert.True(without.Loss > 1.01 * undisturbed.Loss, name);
        }
    }

    [Theory]
    [InlineData(47)]
    [InlineData(52)]
    public void A_run_that_was_interrupted_rolls_back_as_a_straight_one_does(int stopAt)
    {
        var straight = Run(Disturbance.Poison, Rate, Rollback);

        Run(Disturbance.Poison, Rate, Rollback, stopAt, _folder.FullPath);
        var resumed = Run(Disturbance.Poison, Rate, Rollback, null, _folder.FullPath);

        Assert.Equal((stopAt, straight.Report.Rollbacks), (resumed.Report.ResumedFrom, resumed.Report.Rollbacks));
        ReplayTrainingTests.AssertSame(straight.Weights, resumed.Weights);
    }

    [Fact]
    public void A_roll_back_names_the_gauge_and_is_counted()
    {
        var watcher = new Watcher();

        var (report, _, _) = Run(Disturbance.None, 10 * Rate, Rollback, watcher: watcher);

        var told = watcher.Reports.Where(sent => sent.Kind == ProgressKind.RolledBack).ToList();
        Assert.Equal(report.Rollbacks, told.Count);
        Assert.Equal(Enumerable.Range(1, told.Count), told.Select(sent => sent.Rollbacks));
        Assert.Contains(told, sent => sent.Message!.Contains("the rise of the canary", StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_may_roll_back_no_more_ends_with_its_last_good_weights()
    {
        var (report, loss, _) = Run(Disturbance.Change, 10 * Rate, Rollback with { MaxRollbacks = 1 });

        Assert.Equal((TrainingOutcome.Unstable, 1), (report.Outcome, report.Rollbacks));
        Assert.All(report.Gauges, gauge => Assert.False(gauge.IsOver));
        Assert.True(double.IsFinite(loss));
    }

    [Fact]
    public void A_gradient_that_is_no_number_rolls_back_instead_of_ending_the_run()
    {
        var options = Options with { Seeding = Options.Seeding with { Rate = 1e30, WarmUpSteps = 1 }, MaxSteps = 12 };

        Assert.Throws<TrainingDivergedException>(() => Run(Disturbance.None, 1e30, null, options: options, canaries: false));
        var (report, loss, _) = Run(Disturbance.None, 1e30, Rollback with { MaxRollbacks = 2 }, options: options, canaries: false);

        Assert.Equal((TrainingOutcome.Unstable, 2), (report.Outcome, report.Rollbacks));
        Assert.True(double.IsFinite(loss));
    }

    [Fact]
    public void Steps_stay_within_their_budget()
    {
        var budget = new StepBudget { MaxNats = 1e-4, CheckEvery = 1, Anchors = 6 };
        var watcher = new Watcher();

        var (free, _, _) = Run(Disturbance.None, Rate, null, canaries: false, options: Options with { MaxSteps = 20 });
        var (bound, _, _) = Run(Disturbance.None, Rate, null, canaries: false, options: Options with { MaxSteps = 20, StepBudget = budget }, watcher: watcher);

        Assert.Equal(free.Steps, bound.Steps);
        var rates = watcher.Reports.Where(sent => sent.Kind == ProgressKind.Stepped).Select(sent => sent.Rate).ToList();
        Assert.True(rates[^1] < Rate / 2, string.Join(' ', rates));
    }

    public void Dispose() => _folder.Dispose();

    private static TokenizedSample[] Skill(int skill, int count, ulong seed, bool isNoise = false)
    {
        var random = new SeededRandom(seed, (ulong)skill);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var letters = Enumerable.Range(0, 4).Select(_ => random.Next(16)).ToArray();
            int[] prompt = [1, 30 + skill, .. letters.Select(letter => 8 + letter), 4];
            int[] answer = [.. letters.Select(letter => 8 + (isNoise ? random.Next(16) : (letter + (3 * skill) + random.Next(2)) % 16)), 2];
            return new TokenizedSample([.. prompt, .. answer], prompt.Length, prompt.Length, prompt.Length - 1);
        })];
    }

    private static TokenizedSample[] Earlier(int each, ulong seed) => [.. Enumerable.Range(0, Skills).SelectMany(skill => Skill(skill, each, seed))];

    private static (string, Tensor)[] Teach()
    {
        using var model = TinyModels.Create().Unfreeze();
        var options = Options with { MaxSteps = 350, Rows = 16, Seeding = Options.Seeding with { Rate = 5e-3, MaxSteps = 350 } };
        using var run = TrainingRun.OfModel(model, TrainingData.OfSamples(Earlier(400, 1), []), options);
        run.Run();
        return [.. model.named_parameters().Select(pair => (pair.name, pair.parameter.detach().clone()))];
    }

    private static (TrainingReport Report, double Loss, Tensor[] Weights) Run(
        Disturbance disturbance, double rate, RollbackOptions? rollback, int? stopAt = null, string? folder = null, Watcher? watcher = null, bool canaries = true, TrainingOptions? options = null)
    {
        using var stop = new CancellationTokenSource();
        var stopper = new Watcher(report =>
        {
            if (report.Step == stopAt)
            {
                stop.Cancel();
            }
        });
        using var model = TinyModels.Create();
        using (no_grad())
        {
            foreach (var ((_, parameter), (_, value)) in model.named_parameters().Zip(Taught.Value))
            {
                parameter.copy_(value);
            }
        }

        options ??= Options with { Seeding = Options.Seeding with { Rate = rate } };
        var data = TrainingData.OfSource(batches => new DisturbedSource(Sound(batches), Disturbing(batches), disturbance), EvaluationSet.Empty) with
        {
            Anchors = Earlier(4, 5),
            Canaries = canaries && rollback is not null ? [.. Enumerable.Range(0, Skills).Select(skill => new Canary($"skill {skill}", Skill(skill, 24, 6), 0.02))] : [],
        };
        using var run = TrainingRun.OfModel(
            model, data, options with { Rollback = rollback }, new RunSettings { CheckpointFolder = folder, LogEvery = 1, Progress = watcher is null ? [stopper] : [stopper, watcher] });
        var report = run.Run(stop.Token);
        var loss = new LanguageModelEvaluator(model).Evaluate(EvaluationSet.OfSamples(Earlier(60, 7))).Loss;
        return (report, loss, [.. model.parameters().Select(parameter => parameter.detach().clone())]);
    }

    private static IBatchSource Sound(BatchOptions options) =>
        ReplaySource.Open(Skill(New, 200, 2), [.. Enumerable.Range(0, Skills).Select(skill => Skill(skill, 100, 1))], 50, options);

    // What comes when something is wrong: the earlier skills' prompts with answers of chance.
    private static IBatchSource Disturbing(BatchOptions options) =>
        new SampleBatchSource([.. Enumerable.Range(0, Skills).SelectMany(skill => Skill(skill, 60, 8, isNoise: true))], options);

    private void Write(string name, (TrainingReport Report, double Loss, Tensor[] Weights) run, bool rollsBack, double undisturbed) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{name,-20}{(rollsBack ? "yes" : "no"),6}{run.Report.Rollbacks,8}{run.Loss,16:0.0000}{(run.Loss / undisturbed) - 1,18:0.0%}"));
}
