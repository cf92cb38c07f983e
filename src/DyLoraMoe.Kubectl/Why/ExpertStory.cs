using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>Why an expert is as it is, in sentences: what it has learnt, how good it is, what holds it back, and who refuses it.</summary>
internal static class ExpertStory
{
    private static readonly (string Name, string Means)[] _criteria =
    [
        ("gain", "it clearly helps on held-out data"),
        ("flatness", "its held-out loss has stopped to fall"),
        ("routing", "prompts of its own skills reach it"),
        ("samples", "it has seen enough different samples"),
    ];

    /// <summary>The lines.</summary>
    /// <param name="expert">The expert.</param>
    /// <param name="world">What else there is.</param>
    /// <param name="warnings">The end: what was recorded.</param>
    public static IEnumerable<string> Of(LoraExpert expert, World world, IEnumerable<string> warnings)
    {
        var (name, status, backbone) = (expert.Metadata.Name, expert.Status, world.Backbone(expert.Spec.BackboneRef.Name));
        return
        [
            .. Outline.Head($"LoraExpert {name} of Backbone {expert.Spec.BackboneRef.Name}", status.Conditions, "loraexpert", name, expert.Spec.BackboneRef.Name),
            expert.Spec.SkillRef is { } skill ? $"It was made for Skill {skill.Name}." : "It is an adapter that somebody brought along.",
            .. Learned(status),
            .. Training(expert),
            .. Gain(status),
            .. Maturity(expert, world),
            .. Refusal(expert, backbone),
            .. Served(status, backbone),
            .. warnings,
        ];
    }

    /// <summary>The training that runs.</summary>
    public static IEnumerable<string> Training(LoraExpert expert)
    {
        if (expert.Status is { Job: { } job } status)
        {
            yield return status.Progress is { Percent: { } percent } progress
                ? $"Job {job} trains it: {(progress.Phase is { } phase ? $"{phase}, " : "")}{percent} %{(progress is { Step: { } step, Steps: { } steps } ? $", step {Figures.Whole(step)} of {Figures.Whole(steps)}" : "")}"
                    + $"{(progress.Loss is { } loss ? $", loss {loss}" : "")}{(progress.EtaSeconds is { } left ? $", about {Figures.Clock(left)} left" : "")}."
                : $"Job {job} trains it.";
        }
    }

    /// <summary>The four criteria of maturity, and which one fails.</summary>
    /// <param name="expert">The expert.</param>
    /// <param name="world">What else there is, for the figures; null for one sentence.</param>
    public static IEnumerable<string> Maturity(LoraExpert expert, World? world)
    {
        var status = expert.Status;
        if (status.MaturityPercent is not { } percent)
        {
            yield break;
        }

        var isMature = status.Conditions.IsTrue(ConditionTypes.Mature);
        yield return isMature
            ? $"Expert {expert.Metadata.Name} is mature ({percent} %): its evidence suffices on all four criteria."
            : $"Expert {expert.Metadata.Name} is {percent} % mature{(status.HeldBackBy is { } by ? $"; {by} holds it back: not enough yet that {_criteria.FirstOrDefault(each => each.Name == by).Means ?? by}" : "")}.";
        if (isMature || world is null)
        {
            yield break;
        }

        foreach (var (criterion, means) in _criteria)
        {
            yield return $"    {criterion,-9} {(criterion == status.HeldBackBy ? "holds it back" : "is further"),-13}  {means}{Figure(criterion, expert, world)}";
        }
    }

    /// <summary>The skill that would get worse, and by how much.</summary>
    public static IEnumerable<string> Refusal(LoraExpert expert, Backbone? backbone)
    {
        if (backbone?.Status.Refused?.FirstOrDefault(refusal => refusal.Expert == expert.Metadata.Name) is { } refused)
        {
            yield return $"Version {expert.Status.Artifact?.Version} of expert {refused.Expert} is refused{(refused.Skill is { } skill ? $", for Skill {skill} would get worse than the budget of {backbone.Spec.Regression.Budget} nats per token allows" : "")}; the set of before keeps serving.";
            if (refused.Message is { Length: > 0 } figures)
            {
                yield return $"  {Outline.Sentence(figures)}";
            }

            yield return $"  What to do: {Advice.For(refused.Reason ?? Reasons.RegressionRefused, "backbone", backbone.Metadata.Name)}";
        }
    }

    private static IEnumerable<string> Learned(LoraExpertStatus status)
    {
        if (status is { Artifact.Version: { } version, TrainedOn: { Count: > 0 } learned })
        {
            yield return $"Version {version} ({status.Mode}, rank {status.Rank}) has learnt {string.Join(", ", learned.Select(each => each.Skill))}.";
            if (status.StartedFrom is { } start)
            {
                yield return $"  It started from the weights of {start}.";
            }
        }
    }

    private static IEnumerable<string> Gain(LoraExpertStatus status)
    {
        if (status.Evaluation is { GainPercent: { } gain } evaluation)
        {
            yield return $"On {Figures.Count(evaluation.HeldOut ?? 0, "held-out sample")} it loses {evaluation.ExpertLoss} nats per token, the bare backbone {evaluation.BackboneLoss}: {(gain >= 0 ? $"{gain} % less" : $"{-gain} % more")}.";
        }
    }

    private static string Figure(string criterion, LoraExpert expert, World world) => criterion switch
    {
        "gain" when expert.Status.Evaluation?.GainPercent is { } gain => $" ({gain} % less loss than the bare backbone)",
        "routing" when world.Backbone(expert.Spec.BackboneRef.Name)?.Status.RouterAccuracyPercent is { } accuracy => $" ({accuracy} % of all skills' held-out prompts reach their expert)",
        "samples" => $" ({Figures.Whole((expert.Status.TrainedOn ?? []).Select(each => world.Skill(each.Skill)?.Status.Dataset).Sum(data => (data?.Samples ?? 0) - (data?.HeldOut ?? 0)))} to learn from)",
        _ => "",
    };

    private static IEnumerable<string> Served(LoraExpertStatus status, Backbone? backbone)
    {
        var pinned = backbone?.Spec.Serving.Revision is { Length: > 0 } pin && status.Artifact is not null ? $": the Backbone is pinned to revision {Figures.Short(pin)}" : "";
        if (status.AdmittedDigest is null)
        {
            yield return $"It is not part of the set that is served{pinned}.";
        }
        else if (status.AdmittedDigest != status.Artifact?.Digest)
        {
            yield return $"The set that is served holds an older version of it{pinned}.";
        }
        else
        {
            yield return $"{status.Served} pods serve it{(status.TrafficSharePercent is { } share ? $", and {share} % of the requests reach it" : "")}.";
        }
    }
}
