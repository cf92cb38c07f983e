using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>
/// What jobs come to, without learning anything: it follows from the request and the data alone. The data hold directives, one a line: <c>covered-by EXPERT</c>,
/// <c>extends EXPERT</c>, <c>few</c> (fewer than the 32 that are usually asked for), <c>long N</c> (tokens), <c>bad</c>, <c>useless</c>, <c>fails</c>, <c>immature</c>, <c>harms SKILL</c>, each of which
/// may begin with <c>until N steps:</c>; and for
/// nights: <c>rests</c>, <c>nightmare</c>, <c>dreams of harming SKILL</c>, <c>dreams of nothing</c>. A Growth is told by its name: <c>impossible</c>, <c>diverging</c>, <c>harmful</c> and what begins like it, which harm the
/// skill reverse, <c>wrong</c>, which computes something else, and <c>stubborn</c>, whose experts cannot be carried over.
/// </summary>
internal sealed class StubWork
{
    private const int ModelContext = 256;

    private readonly Dictionary<string, HashSet<string>> _directives = [];

    /// <summary>The requests that were worked on, in order.</summary>
    public List<JobRequest> Requests { get; } = [];

    /// <summary>How often each request was worked on, by its text.</summary>
    public Dictionary<string, int> Runs { get; } = [];

    /// <summary>What a bucket says to a request; null for nothing.</summary>
    public Func<JobRequest, (string Reason, string Message)?> Trouble { get; set; } = _ => null;

    /// <summary>How much of what was released a collection has to leave.</summary>
    public Func<CollectInput, int> Leaves { get; set; } = _ => 0;

    public JobResult Run(string text, JobRequest request, string data)
    {
        Requests.Add(request);
        Runs[text] = Runs.GetValueOrDefault(text) + 1;
        if (Trouble(request) is var (reason, message))
        {
            return Done(request) with { Outcome = JobOutcome.InvalidInput, Reason = reason, Message = message };
        }

        return request.Kind switch
        {
            JobKind.Prepare => Done(request) with { Prepare = new(Digest("backbone"), "StubForCausalLM", 1000, ModelContext) },
            JobKind.Assess => Assess(request, data),
            JobKind.Train => Train(request),
            JobKind.Consolidate => Consolidate(request),
            JobKind.Grow => Grow(request),
            JobKind.Migrate => Migrate(request),
            JobKind.Import => Done(request) with { Train = new() { Expert = Digest("import", request.Import!.Expert, $"{request.Import.Version}", request.Backbone.Digest, data), Version = request.Import.Version, Mode = "Full", Rank = 8 } },
            JobKind.FitRouter => Fit(request),
            JobKind.Check => Check(request),
            _ => Done(request) with { Collect = new(1, 10) { Left = Leaves(request.Collect!) } },
        };
    }

    private JobResult Assess(JobRequest request, string data)
    {
        var lines = data.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        if (lines.Contains("bad"))
        {
            return Done(request) with { Outcome = JobOutcome.InvalidInput, Reason = "DataInvalid", Message = "The data say so." };
        }

        var dataset = DatasetOf(data);
        _directives[dataset] = lines;
        var (input, context) = (request.Assess!, Math.Min(request.Policy.Context ?? ModelContext, ModelContext));
        var (decision, expert) = input.Novelty switch
        {
            "Novel" => ("Novel", null),
            "Extend" => ("Extends", input.Expert),
            _ when lines.Contains("few") && request.Policy.LeastSamples >= 32 => ("InsufficientData", null),
            _ when After(lines, "covered-by") is [var covering, ..] => ("Covered", covering),
            _ when After(lines, "extends") is [var extended, ..] => ("Extends", extended),
            _ => ("Novel", (string?)null),
        };
        return Done(request) with { Message = decision, Assess = new() { Dataset = dataset, Samples = 100, HeldOut = 20, HeldOutPercent = input.HeldOutPercent, Context = context, LeastSamples = request.Policy.LeastSamples, Tokens = 1000, Dropped = input.DropDuplicates is true ? 5 : null, PromptsCut = After(lines, "long") is [var tokens, ..] && Whole(tokens) > context ? 3 : null, Diversity = new(0.034, 0.566, 12.34, lines.Contains("monotonous") ? ["All are alike: give more varied data."] : []), Decision = decision, Expert = expert, PValue = 0.5, StartFrom = After(lines, "like") is [var relative, ..] ? relative : null } };
    }

    private JobResult Train(JobRequest request)
    {
        var input = request.Train!;
        var steps = input.Recipe.Steps ?? 100;
        var directives = input.Learn.SelectMany(skill => _directives[skill.Dataset])
            .Select(line => line.Split(" steps: ") is [var until, var then] ? steps < Whole(until[6..]) ? then : "" : line)
            .Concat(input.From is { } from ? Of(from.Digest) : [])
            .ToHashSet(StringComparer.Ordinal);
        if (directives.Contains("fails"))
        {
            return Done(request) with { Outcome = JobOutcome.Failed, Reason = "Diverged", Message = "The loss is not a number." };
        }

        var version = input.Version ?? (input.From?.Version ?? 0) + 1;
        var digest = Digest("expert", input.Expert, input.From?.Digest, $"{version}", string.Join(',', input.Learn.Select(skill => skill.Dataset)));
        _directives[digest] = directives;
        return Done(request) with
        {
            Train = new()
            {
                Expert = digest,
                Version = version,
                SizeBytes = 1000,
                Mode = "Activated",
                Rank = input.Lora.Rank ?? 8,
                StartedFrom = input.StartFrom?.Name,
                BackboneLoss = 2,
                ExpertLoss = directives.Contains("useless") ? 2.5 : 0.5,
                HeldOut = 20,
                Samples = 80,
                GpuSeconds = 7,
            },
        };
    }

    private JobResult Consolidate(JobRequest request)
    {
        var input = request.Consolidate!;
        var directives = input.Skills.SelectMany(skill => _directives[skill.Dataset]).ToHashSet(StringComparer.Ordinal);
        if (directives.Contains("nightmare"))
        {
            return Done(request) with { Outcome = JobOutcome.Failed, Reason = "Diverged", Message = "The loss is not a number." };
        }

        if (directives.Contains("rests"))
        {
            return Done(request) with { Message = "It stays as it is.", Consolidate = new() { LossBefore = 0.5, LossAfter = 0.5 } };
        }

        var digest = Digest("night", input.From.Name, input.From.Digest, $"{input.Run}");
        _directives[digest] = [.. Of(input.From.Digest), .. After(directives, "dreams of harming").Select(skill => "harms " + skill)];
        return Done(request) with
        {
            Consolidate = new() { LossBefore = 0.5, LossAfter = 0.4, Dreamt = input.Dreams?.Count ?? 0, Dreams = (input.Dreams?.Count ?? 0) / 4, GpuSeconds = 3 },
            Train = new() { Expert = digest, Version = input.From.Version + 1, SizeBytes = 1000, Mode = input.From.Mode, Rank = input.From.Rank, BackboneLoss = 2, ExpertLoss = directives.Contains("dreams of nothing") ? 2 : 0.4, HeldOut = 20, Samples = 80, GpuSeconds = 3 },
        };
    }

    private JobResult Grow(JobRequest request)
    {
        var name = request.Grow!.Growth;
        if (name == "impossible")
        {
            return Done(request) with { Outcome = JobOutcome.InvalidInput, Reason = "GrowthImpossible", Message = "Heads of 16 cannot become 20 wide." };
        }

        if (name == "wrong")
        {
            return Done(request) with { Reason = "FunctionChanged", Message = "Logits differ by 0.1.", Grow = new() { IsAccepted = false, Steps = ["feed-forward 16 -> 20"], ParametersBefore = 1000, ParametersAfter = 1250, FunctionError = 0.1 } };
        }

        var grown = new GrowResult { IsAccepted = name != "diverging", Steps = ["feed-forward 16 -> 20"], ParametersBefore = 1000, ParametersAfter = 1250, FunctionError = 1e-6, Divergence = 0.02, DivergenceBefore = 0.5, Tokens = 100, GpuSeconds = 11 };
        if (!grown.IsAccepted)
        {
            return Done(request) with { Reason = "DivergenceTooLarge", Message = "It differs by 0.02 nats per token; 0.01 are allowed.", Grow = grown };
        }

        // What is allowed changes nothing of what is made.
        var plan = ContractJson.Write(request.Grow with { FunctionError = 0, Divergence = 0 });
        var artifact = Digest("grown artifact", request.Backbone.Digest, plan);
        _directives[artifact] = [name];
        return Done(request) with { Reason = "RelearningComplete", Message = "It differs by 0.02 nats per token, 0.5 before it relearned.", Grow = grown with { Digest = Digest("grown", request.Backbone.Digest, plan), Artifact = artifact, SizeBytes = 5000 } };
    }

    private JobResult Migrate(JobRequest request)
    {
        var (from, growth) = (request.Migrate!.From, Of(request.Backbone.Artifact!).Single());
        if (growth == "stubborn")
        {
            return Done(request) with { Outcome = JobOutcome.Failed, Reason = "JobFailed", Message = "It does not fit." };
        }

        var digest = Digest("migrated", from.Name, from.Digest, request.Backbone.Artifact);
        _directives[digest] = growth.StartsWith("harmful", StringComparison.Ordinal) ? [.. Of(from.Digest), "harms reverse"] : Of(from.Digest);
        return Done(request) with
        {
            Train = new() { Expert = digest, Version = from.Version + 1, SizeBytes = 1200, Mode = from.Mode, Rank = from.Rank, BackboneLoss = 2, ExpertLoss = 0.25, HeldOut = 20 },
        };
    }

    private JobResult Fit(JobRequest request)
    {
        var maturities = new SortedDictionary<string, ExpertMaturity>(StringComparer.Ordinal);
        foreach (var expert in request.FitRouter!.Experts)
        {
            var isMature = !Of(expert.Digest).Contains("immature");
            var maturity = isMature ? new ExpertMaturity(100, true, 1, null) : new(40, false, 0.4, "samples");
            if (maturity.Percent != expert.MaturityPercent)
            {
                maturities[expert.Name] = maturity;
            }
        }

        var isSparse = request.FitRouter.Experts.All(expert => !Of(expert.Digest).Contains("immature"));
        return Done(request) with
        {
            FitRouter = new()
            {
                Router = Digest("router", string.Join(',', request.FitRouter.Experts.Select(expert => expert.Name + expert.Digest))),
                Mode = isSparse ? "Sparse" : "Dense",
                AccuracyPercent = 99,
                Experts = maturities,
            },
        };
    }

    private JobResult Check(JobRequest request)
    {
        var active = request.ActiveSet?.Experts.Select(expert => expert.Digest).ToHashSet(StringComparer.Ordinal) ?? [];
        var worse = request.Check!.Candidate.Experts
            .Where(expert => !active.Contains(expert.Digest))
            .SelectMany(expert => After(Of(expert.Digest), "harms").Select(skill => (Skill: skill, IsBest: (bool?)null)).Concat(After(Of(expert.Digest), "wears").Select(skill => (Skill: skill, IsBest: (bool?)true))))
            .SelectMany(each => request.Skills.Where(known => known.Name == each.Skill).Select(known => (Skill: known, each.IsBest)))
            .ToList();
        return Done(request) with { Check = new() { IsAccepted = worse.Count == 0, Skills = request.Skills.Count, Worst = [.. worse.Select(Delta)] } };

        SkillDelta Delta((SkillInput Skill, bool? IsBest) each) => new(each.Skill.Name, 0.5, 0.9, 0.01)
        {
            IsNew = request.ActiveSet?.Experts.Any(expert => expert.Name == each.Skill.Expert) is true ? null : true,
            IsBest = each.IsBest,
        };
    }

    private HashSet<string> Of(string digest) => _directives.GetValueOrDefault(digest) ?? [];

    private static string[] After(HashSet<string> lines, string directive) =>
        [.. lines.Where(line => line.StartsWith(directive + " ", StringComparison.Ordinal)).Select(line => line[(directive.Length + 1)..])];

    private static JobResult Done(JobRequest request) => new() { Kind = request.Kind, Outcome = JobOutcome.Succeeded, Seconds = 1 };

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Digest of the dataset that data become.</summary>
    public static string DatasetOf(string data) => Digest("dataset", data);

    private static string Digest(params string?[] parts) => "sha256:" + Hash.Of(parts);
}
