using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Memory.Dreams;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Router.CommandLine;
using k8s.Models;

namespace DyLoraMoe.Router.Tests.CommandLine;

/// <summary>Numbers that the operator hands from a resource to a program: one that the resource may have is one that the program takes.</summary>
public sealed class FieldRangeTests
{
    private static readonly string[] _wholes = [.. Enumerable.Range(0, 31).SelectMany(bit => new[] { (1 << bit) - 1, 1 << bit }).Concat([99, 100, 36_500, 36_501, 86_400, 86_401]).Distinct().Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private static readonly string[] _numbers = ["0", .. Enumerable.Range(-12, 20).SelectMany(power => new[] { $"1e{power}", $"6e{power}" })];

    private static readonly string[] _sizes = ["0", "0Mi", "1Ki", "1Mi", "9999999Mi", "10000000Mi", "99999999Mi", "1Gi", "9999Gi", "10000Gi", "99999Gi", "9Ti", "10Ti", "99Ti", "1Pi"];

    private static readonly Row[] _rows =
    [
        OfBackbone("serving.limits.maxBatchSize", (spec, number) => spec.Serving.Limits.MaxBatchSize = Whole(number), Option("--max-batch")),
        OfBackbone("serving.limits.maxContext", (spec, number) => spec.Serving.Limits.MaxContext = Whole(number), Option("--max-context")),
        OfBackbone("serving.limits.cacheMemory", (spec, size) => spec.Serving.Limits.CacheMemory = size, Mebibytes("--cache-mib")),
        OfBackbone("serving.limits.prefixCacheMemory", (spec, size) => spec.Serving.Limits.PrefixCacheMemory = size, Mebibytes("--prefix-mib")),
        OfBackbone("serving.limits.expertMemory", (spec, size) => spec.Serving.Limits.ExpertMemory = size, Mebibytes("--expert-mib")),
        OfBackbone("serving.limits.expertHostMemory", (spec, size) => spec.Serving.Limits.ExpertHostMemory = size, Mebibytes("--expert-host-mib")),
        OfBackbone("serving.limits.maxQueueSize", (spec, number) => spec.Serving.Limits.MaxQueueSize = Whole(number), Option("--max-queue")),
        OfBackbone("serving.limits.prefillChunkTokens", (spec, number) => spec.Serving.Limits.PrefillChunkTokens = Whole(number), Option("--prefill-chunk")),
        OfBackbone("serving.limits.maxBodyKibibytes", (spec, number) => spec.Serving.Limits.MaxBodyKibibytes = Whole(number), Option("--max-body-kib")),
        OfBackbone("serving.limits.requestTimeoutSeconds", (spec, number) => spec.Serving.Limits.RequestTimeoutSeconds = Whole(number), Option("--request-seconds")),
        OfBackbone("serving.feedback.maxMebibytes", (spec, number) => spec.Serving.Feedback = new() { MaxMebibytes = Whole(number) }, Option("--feedback-mib")),
        OfBackbone("serving.feedback.retentionDays", (spec, number) => spec.Serving.Feedback = new() { RetentionDays = Whole(number) }, Option("--feedback-days")),
        OfBackbone("serving.memory.maxMebibytes", (spec, number) => spec.Serving.Memory = new() { MaxMebibytes = Whole(number) }, Option("--memory-mib")),
        OfBackbone("serving.memory.maxEpisodes", (spec, number) => spec.Serving.Memory = new() { MaxEpisodes = Whole(number) }, Option("--memory-episodes")),
        OfBackbone("serving.memory.retentionDays", (spec, number) => spec.Serving.Memory = new() { RetentionDays = Whole(number) }, Option("--memory-days")),
        OfBackbone("serving.memory.maxShots", (spec, number) => spec.Serving.Memory = new() { MaxShots = Whole(number) }, Option("--memory-shots")),
        OfBackbone("serving.memory.maxTokens", (spec, number) => spec.Serving.Memory = new() { MaxTokens = Whole(number) }, Option("--memory-tokens")),
        OfBackbone("serving.terminationGracePeriodSeconds", (spec, number) => spec.Serving.TerminationGracePeriodSeconds = Whole(number), Option("--grace-seconds")),
        OfBackbone("serving.drainSeconds", (spec, number) => (spec.Serving.DrainSeconds, spec.Serving.TerminationGracePeriodSeconds) = (Whole(number), 86_400), Option("--drain-seconds")),
        OfBackbone("routing.temperature", (spec, number) => spec.Routing.Temperature = number, Range<RouterOptions>(nameof(RouterOptions.Temperature))),
        OfBackbone("routing.topK", (spec, number) => spec.Routing.TopK = Whole(number), Range<RouterOptions>(nameof(RouterOptions.TopK))),
        OfBackbone("novelty.falseAlarmRate", (spec, number) => spec.Novelty.FalseAlarmRate = number, Range<NoveltyOptions>(nameof(NoveltyOptions.FalseAlarmRate))),
        OfBackbone("novelty.leastSamples", (spec, number) => spec.Novelty.LeastSamples = Whole(number), Range<NoveltyOptions>(nameof(NoveltyOptions.LeastSamples))),
        OfBackbone("regression.budget", (spec, number) => spec.Regression.Budget = number, Range<Core.Evaluation.RegressionBudget>(nameof(Core.Evaluation.RegressionBudget.Nats))),
        OfBackbone("context", (spec, number) => spec.Context = Whole(number), Range<TrainingOptions>(nameof(TrainingOptions.Context))),
        OfBackbone("lora.rank", (spec, number) => spec.Lora.Rank = Whole(number), Range<RankPolicy>(nameof(RankPolicy.BaseRank))),
        OfBackbone("lora.largestRank", (spec, number) => spec.Lora.LargestRank = Whole(number), Range<RankPolicy>(nameof(RankPolicy.LargestRank))),
        OfBackbone("training.recipe.steps", (spec, number) => spec.Training.Recipe.Steps = Whole(number), Range<TrainingOptions>(nameof(TrainingOptions.MaxSteps))),
        OfBackbone("training.recipe.batchSize", (spec, number) => spec.Training.Recipe.BatchSize = Whole(number), Range<TrainingOptions>(nameof(TrainingOptions.Rows))),
        OfBackbone("training.recipe.seedingRate", (spec, number) => spec.Training.Recipe.SeedingRate = number, Range<SeedingOptions>(nameof(SeedingOptions.Rate))),
        OfBackbone("training.recipe.consolidationRate", (spec, number) => spec.Training.Recipe.ConsolidationRate = number, Range<ConsolidationOptions>(nameof(ConsolidationOptions.Rate))),
        OfBackbone("training.recipe.replayPercent", (spec, number) => spec.Training.Recipe.ReplayPercent = Whole(number), Range<ExpertPolicy>(nameof(ExpertPolicy.ReplayPercent))),
        OfBackbone("training.recipe.replaySamples", (spec, number) => spec.Training.Recipe.ReplaySamples = Whole(number), Range<ExpertPolicy>(nameof(ExpertPolicy.ReplaySamples))),
        OfBackbone("training.recipe.driftBudget", (spec, number) => spec.Training.Recipe.DriftBudget = number, Range<DriftBudget>(nameof(DriftBudget.MaxNats))),
        OfBackbone("training.recipe.taskDriftBudget", (spec, number) => spec.Training.Recipe.TaskDriftBudget = number, Range<DriftBudget>(nameof(DriftBudget.MaxNats))),
        OfBackbone("training.recipe.stepBudget", (spec, number) => spec.Training.Recipe.StepBudget = number, Range<StepBudget>(nameof(StepBudget.MaxNats))),
        OfConsolidation("budget.drift", (spec, number) => spec.Budget.Drift = number, Range<DriftBudget>(nameof(DriftBudget.MaxNats))),
        OfConsolidation("dreams.count", (spec, number) => spec.Dreams = new() { Count = Whole(number) }, Range<DreamOptions>(nameof(DreamOptions.Count))),
        OfConsolidation("dreams.candidates", (spec, number) => spec.Dreams = new() { Candidates = Whole(number) }, Range<DreamOptions>(nameof(DreamOptions.Candidates))),
        OfConsolidation("episodes.maxEpisodes", (spec, number) => spec.Episodes = new() { MaxEpisodes = Whole(number) }, Range<PromotionRule>(nameof(PromotionRule.MostEpisodes))),
    ];

    [Fact]
    public void What_a_resource_may_say_its_program_takes() => Assert.All(_rows, row =>
    {
        // A whole number is none with a power of ten, and neither is a size, so each row has its own sort.
        var allowed = _wholes.Concat(_numbers).Concat(_sizes).Where(row.IsAllowed).ToList();

        Assert.NotEmpty(allowed);
        Assert.Equal("", string.Join(", ", allowed.Where(number => !row.IsTaken(number)).Select(number => $"{row.Field} {number}")));
    });

    private static Row OfBackbone(string field, Action<BackboneSpec, string> set, Func<string, bool> isTaken) => new(field, Allowed(field, set, spec => BackboneRules.Check(new Backbone { Spec = spec })), isTaken);

    private static Row OfConsolidation(string field, Action<ConsolidationSpec, string> set, Func<string, bool> isTaken) => new(field, Allowed(field, set, spec => ConsolidationRules.Check(new Consolidation { Spec = spec })), isTaken);

    private static Func<string, bool> Allowed<T>(string field, Action<T, string> set, Func<T, IEnumerable<FieldError>> check)
        where T : new() => number =>
    {
        var spec = new T();
        try
        {
            set(spec, number);
        }
        catch (FormatException)
        {
            return false;
        }

        return check(spec).All(error => error.Path != "spec." + field);
    };

    private static Func<string, bool> Option(string name) => number =>
        new Arguments().Command(_ => Task.FromResult(0)).Parse(["--set", "set.json", "--store", "store", "--backbone", "backbone", name, number]).Errors.Count == 0;

    private static Func<string, bool> Mebibytes(string name) => size => Option(name)($"{new ResourceQuantity(size).ToDecimal() / (1 << 20):0.###}");

    private static Func<string, bool> Range<T>(string property)
    {
        var range = typeof(T).GetProperty(property)!.GetCustomAttribute<RangeAttribute>()!;
        return number => double.Parse(number, CultureInfo.InvariantCulture) is var value && value >= Bound(range.Minimum) && value <= Bound(range.Maximum);

        static double Bound(object bound) => Convert.ToDouble(bound, CultureInfo.InvariantCulture);
    }

    private static int Whole(string number) => int.Parse(number, CultureInfo.InvariantCulture);

    /// <summary>A field of a resource.</summary>
    /// <param name="Field">Its path.</param>
    /// <param name="IsAllowed">Whether the resource may say that.</param>
    /// <param name="IsTaken">Whether the program takes it.</param>
    private sealed record Row(string Field, Func<string, bool> IsAllowed, Func<string, bool> IsTaken);
}
