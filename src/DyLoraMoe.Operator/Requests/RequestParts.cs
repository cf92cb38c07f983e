using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Requests;

/// <summary>Parts of requests, from resources.</summary>
internal static class RequestParts
{
    /// <summary>A request of a kind, with what all kinds have.</summary>
    public static JobRequest Begin(JobKind kind, Backbone backbone, KnownSet? active, IReadOnlyList<SkillInput> skills) => new()
    {
        Kind = kind,
        Backbone = BackboneOf(backbone),
        Policy = PolicyOf(backbone.Spec),
        ActiveSet = active?.Set,
        Skills = skills,
    };

    /// <summary>The backbone that is served: what its source holds, or what has grown from that.</summary>
    public static BackboneInput BackboneOf(Backbone backbone) => BackboneOf(backbone, backbone.Status);

    /// <summary>The backbone that is served, by the status as far as a visit has come with it.</summary>
    public static BackboneInput BackboneOf(Backbone backbone, BackboneStatus status) => status.Grown is { } grown
        ? new(backbone.Metadata.Name, grown.Digest, backbone.Spec.Dtype) { Artifact = grown.Artifact }
        : new(backbone.Metadata.Name, status.Digest ?? Given(backbone.Spec.Digest), backbone.Spec.Dtype);

    /// <summary>Digest of a backbone that has grown, as the weights of experts note it; null for what a source holds.</summary>
    public static string? GrownDigest(BackboneInput? backbone) => backbone?.Artifact is null ? null : backbone.Digest;

    public static PolicyInput PolicyOf(BackboneSpec spec) => new()
    {
        FalseAlarmRate = Number(spec.Novelty.FalseAlarmRate),
        LeastSamples = spec.Novelty.LeastSamples,
        Temperature = Number(spec.Routing.Temperature),
        TopK = spec.Routing.TopK,
        RegressionBudget = Number(spec.Regression.Budget),
        Context = spec.Context,
    };

    /// <summary>Skills with a dataset and one of these experts, in order of their names.</summary>
    public static IReadOnlyList<SkillInput> Skills(ICluster cluster, Backbone backbone, Func<string, bool> isExpertKnown, string? except = null) =>
    [
        .. cluster.List<Skill>(backbone.Metadata.NamespaceProperty)
            .Where(skill => skill.Spec.BackboneRef.Name == backbone.Metadata.Name && skill.Metadata.Name != except && skill.Metadata.DeletionTimestamp is null)
            .Where(skill => skill.Status.Dataset?.Digest is not null && skill.Status.ExpertRef is { } expert && isExpertKnown(expert.Name))
            .Select(InputOf),
    ];

    public static SkillInput InputOf(Skill skill) =>
        new(skill.Metadata.Name, skill.Status.Dataset!.Digest!, HeldOutPercentOf(skill), skill.Status.ExpertRef!.Name);

    /// <summary>The share of its data that a Skill is measured on: what it asks for, but no more than was held out of what was learnt.</summary>
    public static int HeldOutPercentOf(Skill skill) => Math.Min(skill.Status.Dataset?.HeldOutPercent ?? skill.Spec.HeldOutPercent, skill.Spec.HeldOutPercent);

    /// <summary>Most tokens of a sample, as jobs read them: what the Backbone says, and no more than its model takes.</summary>
    public static int ContextOf(Backbone backbone) => Math.Min(backbone.Spec.Context ?? Bounds.UsualContext, backbone.Status.ContextLength ?? int.MaxValue);

    /// <summary>An expert by its newest version.</summary>
    public static ExpertInput InputOf(string name, LoraExpertStatus status, int maturityPercent) => new()
    {
        Name = name,
        Digest = status.Artifact!.Digest!,
        Version = status.Artifact.Version ?? 1,
        Mode = status.Mode ?? LoraModes.Full,
        Rank = status.Rank ?? 0,
        MaturityPercent = maturityPercent,
    };

    /// <summary>Shape of an expert: what it says itself, then what its Skill says, then the Backbone.</summary>
    public static LoraInput Shape(LoraDefaults defaults, LoraOverrides? skill, LoraExpertSpec? expert)
    {
        var rank = expert?.Rank ?? skill?.Rank ?? defaults.Rank;
        return new()
        {
            Rank = rank,
            LargestRank = Math.Max(rank, expert?.LargestRank ?? skill?.LargestRank ?? defaults.LargestRank),
            Alpha = expert?.Alpha ?? skill?.Alpha ?? defaults.Alpha,
            TargetModules = [.. expert?.TargetModules ?? skill?.TargetModules ?? defaults.TargetModules ?? []],
            Mode = expert?.Mode ?? skill?.Mode ?? defaults.Mode,
        };
    }

    /// <summary>The recipe that an expert is taught by.</summary>
    public static RecipeInput RecipeOf(LoraExpert expert, Backbone backbone) => Recipe(expert.Spec.Recipe, backbone.Spec.Training.Recipe);

    /// <summary>Digest of a recipe, without how often its training is saved: that changes nothing of what comes of it.</summary>
    public static string DigestOf(RecipeInput recipe) => $"sha256:{Hash.Of(ContractJson.Write(recipe with { CheckpointSeconds = null }))}";

    /// <summary>A recipe: each figure from the first that gives it.</summary>
    public static RecipeInput Recipe(params IReadOnlyList<TrainingRecipe> recipes)
    {
        return new()
        {
            Optimizer = recipes.Select(recipe => recipe.Optimizer).FirstOrDefault(name => name is not null),
            Gradient = recipes.Select(recipe => recipe.Gradient).FirstOrDefault(name => name is not null),
            Steps = First(recipe => recipe.Steps),
            BatchSize = First(recipe => recipe.BatchSize),
            SeedingRate = First(recipe => Number(recipe.SeedingRate)),
            ConsolidationRate = First(recipe => Number(recipe.ConsolidationRate)),
            ReplayPercent = First(recipe => recipe.ReplayPercent),
            ReplaySamples = First(recipe => recipe.ReplaySamples),
            DriftBudget = First(recipe => Number(recipe.DriftBudget)),
            TaskDriftBudget = First(recipe => Number(recipe.TaskDriftBudget)),
            StepBudget = First(recipe => Number(recipe.StepBudget)),
            Rollbacks = First(recipe => recipe.Rollbacks),
            Seed = First(recipe => recipe.Seed),
            CheckpointSeconds = First(recipe => recipe.CheckpointSeconds),
        };

        T? First<T>(Func<TrainingRecipe, T?> figure)
            where T : struct => recipes.Select(figure).FirstOrDefault(value => value is not null);
    }

    /// <summary>A number that a spec holds as text; null for none.</summary>
    public static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A number as a status holds it: four digits after the point, and as many more where those would be zeros.</summary>
    public static string? Text(double? number) => number?.ToString(Math.Abs(number.Value) < 1e-4 ? "0.########" : "0.####", CultureInfo.InvariantCulture);

    /// <summary>Null for what is empty.</summary>
    public static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
