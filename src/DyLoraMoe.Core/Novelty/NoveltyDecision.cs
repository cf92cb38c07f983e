namespace DyLoraMoe.Core.Novelty;

/// <summary>The rules from figures to an outcome. First match wins.</summary>
internal sealed class NoveltyDecision(NoveltyOptions options)
{
    public NoveltyAssessment Decide(NoveltyAssessment figures)
    {
        var best = figures.Skills[0];
        return best.PValue > options.FalseAlarmRate ? Known(figures, best) : Unknown(figures);
    }

    private NoveltyAssessment Known(NoveltyAssessment figures, SkillMatch best)
    {
        var match = $"it looks like '{best.Skill}' (p = {best.PValue:0.####} at a false-alarm rate of {options.FalseAlarmRate:0.####})";
        if (best.Expert is null)
        {
            return figures with { Outcome = NoveltyOutcome.Novel, Reason = $"{match}, which no expert owns yet", NoveltyScore = 0 };
        }

        var ratio = best.Signals.FirstOrDefault(signal => signal.Signal == LikelihoodRatioSignal.SignalName);
        var isAsGood = ratio is null || ratio.PValue > options.FalseAlarmRate;
        return figures with
        {
            Outcome = isAsGood ? NoveltyOutcome.Covered : NoveltyOutcome.Extends,
            Expert = best.Expert,
            NoveltyScore = 0,
            Reason = ratio is null ? $"{match}; the losses of expert '{best.Expert}' were not compared"
                : isAsGood ? $"{match}, and expert '{best.Expert}' gains as much as on its own data"
                : $"{match}, but expert '{best.Expert}' gains less than on its own data (p = {ratio.PValue:0.####})",
        };
    }

    private NoveltyAssessment Unknown(NoveltyAssessment figures)
    {
        var nearest = $"no known skill fits; the nearest is '{figures.NearestSkill}' (p = {figures.PValue:0.####} at a false-alarm rate of {options.FalseAlarmRate:0.####})";
        var best = figures.Experts.FirstOrDefault(expert => expert.Share is not null);
        if (best?.Share is not { } share)
        {
            var why = figures.Experts.Count == 0 ? "no expert was asked" : "no expert's opinion is conclusive";
            return figures with { Outcome = NoveltyOutcome.Novel, NoveltyScore = 1 + Excess(figures), Reason = $"{nearest}, and {why}" };
        }

        var recovers = $"expert '{best.Expert}' recovers {share:0.00} of the gain it has on its own data ({best.BackboneLoss:0.000} nats per token without it, {best.Loss:0.000} with it)";
        return share >= options.RecoveredShare
            ? figures with { Outcome = NoveltyOutcome.Extends, Expert = best.Expert, NoveltyScore = Math.Max(0, 1 - share), Reason = $"{nearest}, but {recovers}" }
            : figures with { Outcome = NoveltyOutcome.Novel, NoveltyScore = Math.Max(0, 1 - share), Reason = $"{nearest}, and the best, {recovers}" };
    }

    // Without experts to ask: how far the nearest skill's worst signal lies outside, on a scale that grows slowly.
    private static double Excess(NoveltyAssessment figures) =>
        figures.Skills.Where(skill => skill.Signals.Count > 0).Select(skill => Math.Log(1 + Math.Max(0, skill.Signals.Max(signal => signal.Deviations)))).DefaultIfEmpty(0).Min();
}
