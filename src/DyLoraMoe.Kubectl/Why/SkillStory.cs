using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.Output;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>Why a skill is as it is, in sentences: its data, the decision on them with every signal, and what it waits for.</summary>
internal static class SkillStory
{
    private static readonly Dictionary<string, string> _signals = new(StringComparer.Ordinal)
    {
        ["cosine"] = "where the prompts lie",
        ["router-entropy"] = "how undecided the router is",
        ["entropy"] = "how undecided the router is",
        ["gradient"] = "what the answers would teach",
        ["likelihood-ratio"] = "what the expert gains",
        ["likelihood"] = "what the expert gains",
    };

    /// <summary>The lines.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="world">What else there is.</param>
    /// <param name="warnings">The end: what was recorded.</param>
    public static IEnumerable<string> Of(Skill skill, World world, IEnumerable<string> warnings)
    {
        var (name, status, backbone) = (skill.Metadata.Name, skill.Status, world.Backbone(skill.Spec.BackboneRef.Name));
        var expert = world.Expert(status.ExpertRef?.Name);
        return
        [
            .. Outline.Head($"Skill {name} of Backbone {skill.Spec.BackboneRef.Name}", status.Conditions, "skill", name, skill.Spec.BackboneRef.Name),
            .. skill.Metadata.Generation > status.ObservedGeneration && status.ObservedGeneration >= 0 ? ["Its spec was changed meanwhile, and the operator has not looked at it yet."] : Array.Empty<string>(),
            .. Data(status.Dataset),
            .. Decision(skill, backbone),
            .. status.Job is { } job ? [Job(world, job)] : Array.Empty<string>(),
            .. expert is null ? [] : Learner(skill, expert, backbone),
            .. warnings,
        ];
    }

    private static IEnumerable<string> Data(DatasetStatus? dataset)
    {
        if (dataset is { Samples: { } samples })
        {
            yield return $"Its examples are {Figures.Count(samples, "different sample")}, {Figures.Whole(dataset.HeldOut ?? 0)} of them held out to measure on, {Figures.Whole(dataset.Tokens ?? 0)} tokens.";
            if (dataset.Dropped is > 0 and { } dropped)
            {
                yield return $"  {Figures.Count(dropped, "sample")} that nearly repeat another were left out.";
            }

            foreach (var warning in dataset.Diversity?.Warnings ?? [])
            {
                yield return $"  Warning: {warning}";
            }
        }
    }

    private static IEnumerable<string> Decision(Skill skill, Backbone? backbone)
    {
        var (novelty, mode) = (skill.Status.Novelty, skill.Spec.Novelty.Mode);
        if (novelty?.Decision is not { } decision)
        {
            yield break;
        }

        var expert = skill.Status.ExpertRef?.Name;
        var given = mode != SkillNovelty.Auto ? " The spec says so, so nothing was decided." : "";
        yield return decision switch
        {
            NoveltyDecisions.Novel => $"Decision Novel: its examples get an expert of their own{(expert is null ? "" : $", {expert}")}.{given}",
            NoveltyDecisions.Extends => $"Decision Extends: expert {expert} learns them too.{given}",
            NoveltyDecisions.Covered => $"Decision Covered: expert {expert} knows them already, and nothing is trained.{given}",
            _ => $"Decision {decision}: there are too few samples.{given}",
        };
        if (novelty.Message is { Length: > 0 } message)
        {
            yield return $"  In the words of the job: {Outline.Sentence(message)}";
        }

        if (novelty.NearestSkill is { } nearest)
        {
            yield return $"  The nearest skill is {nearest}{(novelty.NearestExpert is { } its ? $", which expert {its} has" : "")}.";
        }

        if (mode == SkillNovelty.Auto)
        {
            foreach (var line in Evidence(novelty, backbone))
            {
                yield return line;
            }
        }

        if (novelty.HeadStartPercent is { } ahead)
        {
            yield return ahead >= 0
                ? $"  Tried for a few steps, the nearest expert was {ahead} % of what there is to learn ahead of a new one."
                : $"  Tried for a few steps, the nearest expert was {-ahead} % of what there is to learn behind a new one.";
        }

        if (novelty.StartFrom is { } start)
        {
            yield return $"  The new expert starts from the weights of {start}, which stays as it is.";
        }
    }

    private static IEnumerable<string> Evidence(NoveltyStatus novelty, Backbone? backbone)
    {
        if (Outline.Number(novelty.PValue) is not { } all)
        {
            yield break;
        }

        // The detector multiplies the least p-value by the number of signals, so one alone is held against that part of the rate.
        var signals = novelty.Signals ?? [];
        var rate = Outline.Number(backbone?.Spec.Novelty.FalseAlarmRate ?? "0.01") ?? 0.01;
        yield return $"  If they belonged to it, samples would look as unusual as these with p = {Text(all)}, {(all > rate ? "above" : "not above")} the false-alarm rate {Text(rate)}: they {(all > rate ? "look like that skill" : "do not look like that skill")}.";
        foreach (var signal in signals)
        {
            if (Outline.Number(signal.PValue) is { } p)
            {
                var threshold = rate / signals.Count;
                var what = _signals.TryGetValue(signal.Name, out var words) ? $"  ({words})" : "";
                yield return $"    {signal.Name,-18} p = {Text(p),-8} {(p > threshold ? "as known" : "unusual ")}  threshold {Text(threshold)}{what}";
            }
        }
    }

    private static string Job(World world, string name) => world.Jobs?.FirstOrDefault(job => job.Metadata.Name == name) is { } job
        ? $"Job {name} works on it{(job.Status?.Active > 0 ? "" : " but has no running pod yet")}."
        : $"Job {name} works on it.";

    private static IEnumerable<string> Learner(Skill skill, LoraExpert expert, Backbone? backbone)
    {
        var name = expert.Metadata.Name;
        var lines = ExpertStory.Refusal(expert, backbone).ToList();
        if (lines.Count == 0 && !skill.Status.Conditions.IsTrue(ConditionTypes.Ready))
        {
            lines.AddRange(ExpertStory.Training(expert));
        }

        lines.AddRange(ExpertStory.Maturity(expert, null));
        return [.. lines, $"kubectl dylora why expert/{name} says more on its expert."];
    }

    private static string Text(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
