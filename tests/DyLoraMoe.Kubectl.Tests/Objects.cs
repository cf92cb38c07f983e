using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Tests;

/// <summary>Objects as the operator leaves them.</summary>
internal static class Objects
{
    public static DateTimeOffset Now { get; } = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    public static Condition Ready(string status, string reason, string message) => new() { Type = ConditionTypes.Ready, Status = status, Reason = reason, Message = message };

    public static Backbone Backbone(Action<Backbone>? change = null)
    {
        var backbone = new Backbone
        {
            Metadata = Metadata("tiny"),
            Status = new()
            {
                Experts = 2,
                MatureExperts = 1,
                RoutingMode = RoutingModes.Dense,
                RouterAccuracyPercent = 97,
                Serving = "1/1",
                ActiveRevision = Revision('b'),
                PreviousRevision = Revision('a'),
                Conditions = [Ready(ConditionStatus.True, Reasons.Serving, "2 experts are served by 1/1 pods.")],
            },
        };
        change?.Invoke(backbone);
        return backbone;
    }

    public static Skill Skill(string name = "reverse", Action<Skill>? change = null)
    {
        var skill = new Skill
        {
            Metadata = Metadata(name),
            Spec = new() { BackboneRef = new() { Name = "tiny" } },
            Status = new()
            {
                ObservedGeneration = 1,
                Dataset = new() { Samples = 100, HeldOut = 20, Tokens = 1234 },
                ExpertRef = new() { Name = name },
                Novelty = new()
                {
                    Decision = NoveltyDecisions.Novel,
                    PValue = "0.004",
                    NearestSkill = "sum",
                    NearestExpert = "sum",
                    Signals = [new() { Name = "cosine", PValue = "0.001" }, new() { Name = "gradient", PValue = "0.3" }, new() { Name = "likelihood-ratio", PValue = "0.02" }, new() { Name = "router-entropy", PValue = "0.0025" }],
                    Message = "no known skill fits; the nearest is 'sum'",
                },
                Conditions = [Ready(ConditionStatus.True, Reasons.Serving, $"Expert {name} serves it.")],
            },
        };
        change?.Invoke(skill);
        return skill;
    }

    public static LoraExpert Expert(string name = "reverse", Action<LoraExpert>? change = null)
    {
        var expert = new LoraExpert
        {
            Metadata = Metadata(name),
            Spec = new() { BackboneRef = new() { Name = "tiny" }, SkillRef = new() { Name = name } },
            Status = new()
            {
                Stage = ExpertStages.Mature,
                MaturityPercent = 100,
                Evaluation = new() { BackboneLoss = "2", ExpertLoss = "0.5", GainPercent = 75, HeldOut = 20 },
                Artifact = new() { Digest = "sha256:01", Version = 1 },
                AdmittedDigest = "sha256:01",
                Mode = LoraModes.Activated,
                Rank = 8,
                Served = "1/1",
                TrafficSharePercent = 50,
                TrainedOn = [new() { Skill = name, Dataset = "sha256:02" }],
                Conditions =
                [
                    Ready(ConditionStatus.True, Reasons.Serving, "Version 1 is served."),
                    new() { Type = ConditionTypes.Mature, Status = ConditionStatus.True, Reason = Reasons.EvidenceSufficient },
                ],
            },
        };
        change?.Invoke(expert);
        return expert;
    }

    /// <summary>An expert that is held back by what it has seen.</summary>
    public static LoraExpert Immature(string name = "sum") => Expert(name, expert =>
    {
        expert.Status.Stage = ExpertStages.Consolidating;
        expert.Status.MaturityPercent = 40;
        expert.Status.HeldBackBy = "samples";
        expert.Status.Conditions = [expert.Status.Conditions[0], new() { Type = ConditionTypes.Mature, Status = ConditionStatus.False, Reason = Reasons.EvidenceInsufficient }];
    });

    public static Consolidation Night(Action<Consolidation>? change = null)
    {
        var night = new Consolidation
        {
            Metadata = Metadata("nightly"),
            Spec = new() { BackboneRef = new() { Name = "tiny" }, Schedule = "0 3 * * *", TimeZone = "Europe/Vienna" },
            Status = new()
            {
                NextScheduleTime = Now.AddHours(14),
                Missed = 1,
                Run = new()
                {
                    Number = 3,
                    StartTime = Now.AddHours(-10),
                    CompletionTime = Now.AddHours(-9),
                    Outcome = RunOutcomes.Admitted,
                    Progress = "2/2",
                    Experts =
                    [
                        new() { Name = "reverse", From = "sha256:01", Stage = NightStages.Admitted, LossBefore = "0.5", Evaluation = new() { ExpertLoss = "0.4" }, Dreams = 12 },
                        new() { Name = "sum", From = "sha256:02", Stage = NightStages.Refused, Message = "Skill reverse would go from 0.5 to 0.9" },
                    ],
                },
                Conditions = [Ready(ConditionStatus.True, Reasons.WaitingForSchedule, "Run 3: 1 Admitted, 1 Refused. The next run is due at 2026-11-27T02:00:00Z.")],
            },
        };
        change?.Invoke(night);
        return night;
    }

    /// <summary>A growth whose larger backbone is served.</summary>
    public static Growth Growth(Action<Growth>? change = null)
    {
        var growth = new Growth
        {
            Metadata = Metadata("larger"),
            Spec = new() { BackboneRef = new() { Name = "tiny" }, Automatic = new() { BudgetPercent = 25 }, Relearning = new() },
            Status = new()
            {
                From = Digest('1'),
                Backbone = new() { Digest = Digest('2'), Artifact = Digest('3'), Parameters = 2_115_264, SizeBytes = 4_230_528 },
                ParametersBefore = 1_820_352,
                ParametersAfter = 2_115_264,
                Grown = "+16 %",
                Steps = ["feed-forward 512 -> 640"],
                Pressures = ["FeedForward 1.2e-2", "Depth 4e-3"],
                FunctionError = "1.1e-6",
                Divergence = "4.2e-3",
                DivergenceBefore = "3e-1",
                Judge = "Skills",
                Tokens = 51_200,
                Migrated = "2/2",
                Experts =
                [
                    new() { Name = "reverse", From = "sha256:01", Artifact = new() { Digest = "sha256:03", Version = 2 }, Rank = 8, Evaluation = new() { ExpertLoss = "0.5", BackboneLoss = "2" } },
                    new() { Name = "sum", From = "sha256:02", Artifact = new() { Digest = "sha256:04", Version = 5 }, Rank = 16 },
                ],
                AdoptionTime = Now.AddHours(-2),
                Conditions =
                [
                    Ready(ConditionStatus.True, Reasons.BackboneAdopted, "Backbone tiny serves it, +16 %."),
                    new() { Type = ConditionTypes.Validated, Status = ConditionStatus.True, Reason = Reasons.WithinBudget, Message = "No skill is worse than the budget allows." },
                    new() { Type = ConditionTypes.Adopted, Status = ConditionStatus.True, Reason = Reasons.BackboneAdopted, Message = "Backbone tiny serves it, +16 %." },
                ],
            },
        };
        change?.Invoke(growth);
        return growth;
    }

    /// <summary>A growth that carries experts over.</summary>
    public static Growth Migrating() => Growth(growth =>
    {
        growth.Status.AdoptionTime = null;
        growth.Status.Job = "larger-migrate-1";
        growth.Status.Migrated = "1/2";
        growth.Status.Experts![1] = new() { Name = "sum", From = "sha256:02" };
        growth.Status.Conditions =
        [
            Ready(ConditionStatus.Unknown, Reasons.MigratingExperts, "1/2 experts are carried over."),
            new() { Type = ConditionTypes.Validated, Status = ConditionStatus.Unknown, Reason = Reasons.MigratingExperts, Message = "1/2 experts are carried over." },
        ];
    });

    /// <summary>The same set on a backbone that has grown.</summary>
    public static StoredSet Grown(StoredSet set) => set with { Set = set.Set with { Backbone = new("tiny", Digest('2'), "auto") { Artifact = Digest('3') } } };

    public static StoredSet Set(char digit, int minutesAgo, string? givenUp = null, params string[] experts) => new(
        "tiny",
        Revision(digit),
        $"tiny-set-{new string(digit, 10)}",
        new() { Backbone = new("tiny", Digest('1'), "auto"), Experts = [.. experts.Select(expert => new SetMember(expert, "sha256:01", 1, "Activated", 8, 1))] },
        Now.UtcDateTime.AddMinutes(-minutesAgo),
        givenUp);

    public static World World(Backbone? backbone = null, IReadOnlyList<Skill>? skills = null, IReadOnlyList<LoraExpert>? experts = null, IList<V1Job>? jobs = null, IReadOnlyList<StoredSet>? sets = null) =>
        new([backbone ?? Backbone()], skills ?? [], experts ?? [], jobs ?? [], sets ?? []);

    public static V1Job Job(string name, int minutesAgo, bool isOver = false) => new()
    {
        Metadata = new() { Name = name, Labels = new Dictionary<string, string> { [Labels.Backbone] = "tiny", [Labels.JobKind] = "Train" }, CreationTimestamp = Now.UtcDateTime.AddMinutes(-minutesAgo) },
        Spec = new() { Template = new() },
        Status = new() { Active = isOver ? null : 1, Conditions = isOver ? [new() { Type = "Complete", Status = "True" }] : null },
    };

    public static string Digest(char digit) => Revision(digit);

    public static string Revision(char digit) => "sha256:" + new string(digit, 64);

    private static V1ObjectMeta Metadata(string name) => new() { Name = name, NamespaceProperty = "default", Generation = 1, CreationTimestamp = Now.UtcDateTime.AddHours(-1) };
}
