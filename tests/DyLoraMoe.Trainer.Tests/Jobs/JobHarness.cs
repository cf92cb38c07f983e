using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Jobs;

namespace DyLoraMoe.Trainer.Tests.Jobs;

/// <summary>Does jobs in this process on one store, and makes requests of a second or two.</summary>
/// <param name="model">The backbone's folder.</param>
/// <param name="store">The store.</param>
internal sealed class JobHarness(string model, string store)
{
    /// <summary>The backbone's digest, once it is prepared.</summary>
    public string? Digest { get; private set; }

    /// <summary>Digest of the artifact that holds the backbone, once it has grown.</summary>
    public string? Artifact { get; private set; }

    /// <summary>The backbone as requests name it.</summary>
    public BackboneInput Backbone => new("tiny", Digest, "auto") { Artifact = Artifact };

    /// <summary>The store's folder.</summary>
    public string Store => store;

    /// <summary>Folder for copies of what is in a bucket.</summary>
    public string? Cache { get; init; }

    /// <summary>All skills that have an expert.</summary>
    public List<SkillInput> Skills { get; } = [];

    /// <summary>The set that is served.</summary>
    public SetRevision? Active { get; set; }

    /// <summary>What the jobs said.</summary>
    public List<string> Notes { get; } = [];

    public static RecipeInput Recipe => new() { Steps = 120, BatchSize = 4, SeedingRate = 0.02, ConsolidationRate = 0.01, CheckpointSeconds = 0 };

    public static LoraInput Lora => new() { Rank = 4, LargestRank = 4, Mode = "Full" };

    /// <summary>A request about the store as it is.</summary>
    public JobRequest Request(JobKind kind) => new()
    {
        Kind = kind,
        Backbone = Backbone,
        Policy = new PolicyInput { Context = 64 },
        Skills = [.. Skills.OrderBy(skill => skill.Name, StringComparer.Ordinal)],
        ActiveSet = Active,
    };

    /// <summary>Does a job.</summary>
    public JobResult Run(JobRequest request, string? data = null, string? name = null, TimeProvider? time = null, IProgress<TrainingProgress>? progress = null, CancellationToken? stop = null)
    {
        var arguments = new JobArguments(name ?? "job-" + Guid.NewGuid().ToString("N")[..8], "", store, model, data, null) { Cache = Cache };
        return new JobRun(arguments, request, "cpu", time ?? TimeProvider.System, Notes.Add, stop ?? TestContext.Current.CancellationToken)
        {
            Variable = S3Server.Variable,
            Progress = progress is null ? [] : [progress],
        }.Run();
    }

    public PrepareResult Prepare()
    {
        var result = Run(Request(JobKind.Prepare)).Prepare!;
        Digest = result.Digest;
        return result;
    }

    public AssessResult Assess(string skill, string data, RecipeInput? recipe = null, string novelty = "Auto", string? expert = null) =>
        Run(Request(JobKind.Assess) with { Assess = new AssessInput { Skill = skill, Recipe = recipe, Lora = Lora, Novelty = novelty, Expert = expert } }, data).Assess!;

    /// <summary>A request to make an expert, or to teach one more.</summary>
    public JobRequest Train(string expert, ExpertInput? from, params SkillInput[] learn) => Request(JobKind.Train) with
    {
        Skills = [],
        ActiveSet = null,
        Train = new TrainInput { Expert = expert, From = from, Learn = learn, Keep = [.. Skills.Where(skill => skill.Expert == expert)], Lora = Lora, Recipe = Recipe },
    };

    /// <summary>An expert as a request names it.</summary>
    public static ExpertInput ExpertOf(string name, TrainResult result) =>
        new() { Name = name, Digest = result.Expert, Version = result.Version, Mode = result.Mode, Rank = result.Rank };

    public FitRouterResult FitRouter(params ExpertInput[] experts) =>
        Run(Request(JobKind.FitRouter) with { FitRouter = new FitRouterInput([.. experts.OrderBy(expert => expert.Name, StringComparer.Ordinal)]) }).FitRouter!;

    /// <summary>The set that a fit makes.</summary>
    public SetRevision SetOf(FitRouterResult fitted, params ExpertInput[] experts) => new()
    {
        Backbone = Backbone,
        Router = fitted.Router,
        Experts =
        [
            .. experts.OrderBy(expert => expert.Name, StringComparer.Ordinal).Select(expert =>
                new SetMember(expert.Name, expert.Digest, expert.Version, expert.Mode, expert.Rank, fitted.Experts.GetValueOrDefault(expert.Name)?.Degree ?? 0)),
        ],
    };

    /// <summary>A request to make the backbone larger.</summary>
    public JobRequest Grow(params GrowthOperatorInput[] operators) => Request(JobKind.Grow) with { ActiveSet = null, Grow = new GrowInput { Growth = "larger", Operators = operators } };

    /// <summary>From here on requests are about a backbone that has grown.</summary>
    public void Adopt(GrowResult grown) => (Digest, Artifact) = (grown.Digest, grown.Artifact);

    /// <summary>Carries an expert over to the backbone.</summary>
    public TrainResult Migrate(ExpertInput expert, BackboneInput before) => Run(Request(JobKind.Migrate) with
    {
        Skills = [],
        ActiveSet = null,
        Migrate = new MigrateInput(expert, before, [.. Skills.Where(skill => skill.Expert == expert.Name)]),
    }).Train!;

    public JobResult Check(SetRevision candidate) => Run(Request(JobKind.Check) with { Check = new CheckInput(candidate) });
}
