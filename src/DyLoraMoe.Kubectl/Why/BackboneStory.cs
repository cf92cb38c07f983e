using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>Why a backbone is as it is, in sentences: what it serves, what it refuses and with which figures, and who waits for it.</summary>
internal static class BackboneStory
{
    // In the order in which a set passes them.
    private static readonly (string Type, string Question)[] _steps =
    [
        (ConditionTypes.Accepted, "the spec is valid"),
        (ConditionTypes.Prepared, "the weights are there"),
        (ConditionTypes.SetResolved, "the experts of the set are known"),
        (ConditionTypes.RouterFitted, "a router is fitted"),
        (ConditionTypes.RegressionChecked, "no skill gets worse, old or new"),
        (ConditionTypes.RolledOut, "all pods serve it"),
    ];

    /// <summary>The lines.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="world">What else there is.</param>
    /// <param name="warnings">The end: what was recorded.</param>
    public static IEnumerable<string> Of(Backbone backbone, World world, IEnumerable<string> warnings)
    {
        var name = backbone.Metadata.Name;
        return
        [
            .. Outline.Head($"Backbone {name}", backbone.Status.Conditions, "backbone", name),
            .. Serving(backbone),
            .. Size(backbone, world),
            .. Pin(backbone),
            .. Steps(backbone),
            .. world.ExpertsOf(name).SelectMany(expert => ExpertStory.Refusal(expert, backbone)),
            .. Immature(world, name),
            .. Waiting(world, name),
            .. warnings,
        ];
    }

    private static IEnumerable<string> Serving(Backbone backbone)
    {
        var status = backbone.Status;
        if (status.ActiveRevision is { } active)
        {
            yield return $"Revision {Figures.Short(active)} is served by {status.Serving ?? "no"} pods: {Figures.Count(status.Experts ?? 0, "expert")}, {status.MatureExperts ?? 0} of them mature"
                + $"{(status.RoutingMode is { } mode && status.Experts > 0 ? $", so routing is {mode.ToLowerInvariant()}" : "")}{(status.RouterAccuracyPercent is { } accuracy ? $"; {accuracy} % of held-out prompts reach their expert" : "")}.";
        }

        if (status.PendingRevision is { } pending)
        {
            yield return $"Revision {Figures.Short(pending)} is on its way to the pods.";
        }

        if (status is { RunningJobs: { } running, WaitingJobs: { } waiting } && running + waiting > 0)
        {
            yield return $"{Figures.Count(running, "job")} of at most {backbone.Spec.Training.MaxConcurrentJobs} run at once, {waiting} wait for their turn.";
        }
    }

    private static IEnumerable<string> Size(Backbone backbone, World world)
    {
        var (name, status) = (backbone.Metadata.Name, backbone.Status);
        if (status.Grown is { } grown)
        {
            yield return $"It has grown: {Figures.Short(grown.Digest)}{(grown.Parameters is { } parameters ? $", {Figures.Whole(parameters)} weights," : "")} is served in place of what its source holds.";
        }

        if (status.Pressure is { RankPercent: { } rank, GainPercent: { } gain, ExpertsPercent: { } experts })
        {
            yield return $"What says whether growth is due: {rank} % of the experts have the largest rank, {gain} % are held back by what they gain, and there are {experts} % of the experts that there may be.";
        }

        foreach (var growth in world.GrowthsOf(name))
        {
            var state = Status.State.Of(growth.Status.Conditions);
            if (!state.IsReady)
            {
                yield return $"Growth {growth.Metadata.Name} {(state.IsFailed ? "cannot go on" : "is not done yet")} ({state.Reason}): {Outline.Sentence(state.Message)}";
            }
        }
    }

    private static IEnumerable<string> Pin(Backbone backbone)
    {
        if (backbone.Spec.Serving.Revision is { Length: > 0 } pin)
        {
            yield return $"Its spec pins revision {Figures.Short(pin)}: nothing newer is served until kubectl dylora rollback {backbone.Metadata.Name} --follow.";
        }
    }

    private static IEnumerable<string> Steps(Backbone backbone)
    {
        foreach (var (type, question) in _steps)
        {
            if (backbone.Status.Conditions.Find(type) is { } condition && condition.Status != ConditionStatus.True && condition.Reason != Reasons.RegressionRefused)
            {
                yield return $"Whether {question}: {(condition.Status == ConditionStatus.False ? "no" : condition.Reason == Reasons.NotMeasured ? "not known" : "not yet")} ({condition.Reason}): {Outline.Sentence(condition.Message)}";
            }
        }
    }

    private static IEnumerable<string> Immature(World world, string name) =>
        world.ExpertsOf(name).Where(expert => expert.Status.MaturityPercent is not null && !expert.Status.Conditions.IsTrue(ConditionTypes.Mature)).SelectMany(expert => ExpertStory.Maturity(expert, null));

    private static IEnumerable<string> Waiting(World world, string name)
    {
        foreach (var skill in world.SkillsOf(name))
        {
            var state = Status.State.Of(skill.Status.Conditions);
            if (!state.IsReady)
            {
                yield return $"Skill {skill.Metadata.Name} {(state.IsFailed ? "cannot go on" : "waits")} ({state.Reason}): {Outline.Sentence(state.Message)}";
            }
        }
    }
}
