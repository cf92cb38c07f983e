namespace DyLoraMoe.Core.Novelty;

/// <summary>The rules from figures to an outcome. First match wins.</summary>
internal sealed class NoveltyDecision(NoveltyOptions options)
{
    public NoveltyAssessment Decide(NoveltyAssessment figures)
    {
        if (Fitting(figures.Skills) is { } best)
        {
            return Known(figures, best, $"it looks like '{best.Skill}' ({Odds(best.PValue)})");
        }

        return Fitting(figures.Reworded) is { } same
            ? InOtherWords(figures, same)
            : Unknown(figures with { Experts = [.. figures.Experts.Select(expert => expert with { IsContradicted = IsContradicted(expert.Expert, figures) })] });
    }

    // The likeliest skill that fits and has an expert in the set: one whose expert is in the archive is there because another serves it too. Without one, the likeliest that fits.
    private SkillMatch? Fitting(IEnumerable<SkillMatch> matches)
    {
        List<SkillMatch> fitting = [.. matches.Where(match => match.PValue > options.FalseAlarmRate)];
        return fitting.Find(match => match.Expert is not null) ?? fitting.FirstOrDefault();
    }

    private NoveltyAssessment Known(NoveltyAssessment figures, SkillMatch best, string match)
    {
        figures = figures with { NearestSkill = best.Skill, PValue = best.PValue };
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
                : $"{match}, but expert '{best.Expert}' gains less than on its own data (p = {Share(ratio.PValue)})",
        };
    }

    // The rule is the expert's; whether it has something to learn depends on how it does in the words that the data came in.
    private NoveltyAssessment InOtherWords(NoveltyAssessment figures, SkillMatch same)
    {
        var asTheyCame = figures.Skills.FirstOrDefault(match => match.Skill == same.Skill)?.Signals.Where(signal => signal.Signal == LikelihoodRatioSignal.SignalName) ?? [];
        return Known(figures, same with { Signals = [.. asTheyCame] }, $"in the words of '{same.Skill}' it looks like that skill ({Odds(same.PValue)})");
    }

    private NoveltyAssessment Unknown(NoveltyAssessment figures)
    {
        var nearest = $"no known skill fits; the nearest is '{figures.NearestSkill}' ({Odds(figures.PValue!.Value)})";
        var heard = figures.Experts.Where(expert => expert.Share is not null && !expert.IsContradicted).ToList();
        if (heard.Count == 0)
        {
            var why = figures.Experts.Count == 0 ? "no expert was asked"
                : figures.Experts.Any(expert => expert.IsContradicted) ? "the experts that know such prompts answer otherwise"
                : "no expert's opinion is conclusive";
            return figures with { Outcome = NoveltyOutcome.Novel, NoveltyScore = 1 + Excess(figures), Reason = $"{nearest}, and {why}" };
        }

        if (heard.Find(expert => expert.Share >= options.RecoveredShare && expert.ShareBeyondUnigram >= options.RecoveredShare) is { } knowing)
        {
            return figures with { Outcome = NoveltyOutcome.Extends, Expert = knowing.Expert, NoveltyScore = Math.Max(0, 1 - knowing.Share!.Value), Reason = $"{nearest}, but {Recovers(knowing)}" };
        }

        var (best, share) = (heard[0], heard[0].Share!.Value);
        return share < options.RecoveredShare
            ? figures with { Outcome = NoveltyOutcome.Novel, NoveltyScore = Math.Max(0, 1 - share), Reason = $"{nearest}, and the best, {Recovers(best)}" }
            : figures with
            {
                Outcome = NoveltyOutcome.Novel,
                NoveltyScore = 1 - Math.Clamp(best.ShareBeyondUnigram ?? 0, 0, 1),
                Reason = $"{nearest}, and though {Recovers(best)}, it knows little beyond which tokens occur ({best.UnigramLoss:0.000} nats per token by their frequencies alone)",
            };
    }

    private static string Recovers(ExpertRecovery expert) =>
        $"expert '{expert.Expert}' recovers {expert.Share:0.00} of the gain it has on its own data ({expert.BackboneLoss:0.000} nats per token without it, {expert.Loss:0.000} with it)";

    // Where the prompts are those of known skills, as they came or put into their words, none but those skills' experts can know the task, and they do
    // only if they recover most of it in those words: another expert that happens to help has learnt something related.
    private bool IsContradicted(string expert, NoveltyAssessment figures)
    {
        List<SkillMatch> recognised = [.. figures.Skills.Concat(figures.Reworded).Where(match => match.PromptPValue > options.FalseAlarmRate)];
        return recognised.Count > 0 && !recognised.Any(match => match.Expert == expert && match.Recovery?.Share >= options.RecoveredShare);
    }

    private string Odds(double p) => $"p = {Share(p)} at a false-alarm rate of {options.FalseAlarmRate:0.####}";

    // Four digits would make zero of what a low rate is held against.
    private static string Share(double p) => p < 1e-4 ? $"{p:0.#######}" : $"{p:0.####}";

    // Without experts to ask: how far the nearest skill's worst signal lies outside, on a scale that grows slowly.
    private static double Excess(NoveltyAssessment figures) =>
        figures.Skills.Where(skill => skill.Signals.Count > 0).Select(skill => Math.Log(1 + Math.Max(0, skill.Signals.Max(signal => signal.Deviations)))).DefaultIfEmpty(0).Min();
}
