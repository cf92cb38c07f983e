using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Compares a candidate set with the active one, or with the bare backbone before the first, on every skill's held-out data.</summary>
internal sealed class CheckJob : IJob
{
    private const int MostWorst = 5;

    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.Check ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind Check and has no part check.");
        return context.Journal.DoResult("check", () => Check(context, input.Candidate));
    }

    private static JobResult Check(JobContext context, SetRevision candidate)
    {
        if (context.Request.Skills.Count == 0)
        {
            return Result(Reasons.NothingToCompare, "There is no skill to compare on.", new CheckResult { IsAccepted = true });
        }

        var cards = context.CardsOf(candidate);
        foreach (var member in candidate.Experts)
        {
            Require(member, cards[member.Name].Card, context.Backbone.Digest);
        }

        // Every skill is measured with both sets as they serve, whoever has it. Two backbones are not in memory together.
        var active = context.Request.ActiveSet;
        var before = active is not null && active.Backbone.Digest != context.Backbone.Digest ? Served(context.On(active.Backbone), active) : null;
        using var session = context.Open(context.Request.Skills, cards, before is null ? active : null);
        var set = candidate.Router is null ? null : session.Workspace.Place(JobContext.DocumentOf(candidate), JobContext.OptionsOf(candidate));
        var isNew = IsNew(context, cards);
        before ??= Served(context, session);
        var after = Measured(context, session, set);
        var report = RouterEvidence.Compare(
            before.Skills, after, session.Policy.Regression, RouterEvidence.Find(session.Workspace, set), HeldTo, isNew);
        if (report.IsAccepted && set is not null)
        {
            Remember(context, session, set, after, HeldTo);
        }

        context.Say(Environment.NewLine + report.ToTable());
        return Result(
            report.IsAccepted ? Reasons.WithinBudget : Reasons.RegressionRefused,
            report.Summary,
            new CheckResult { IsAccepted = report.IsAccepted, Skills = context.Request.Skills.Count, Worst = Worst(report) });

        double? HeldTo(string skill) => isNew(skill) ? null : before.HeldTo[skill];
    }

    private static ServedSkills Served(JobContext context, SetRevision active)
    {
        using var session = context.Open(context.Request.Skills, context.CardsOf(active), active);
        return Served(context, session);
    }

    private static ServedSkills Served(JobContext context, WorkspaceSession session)
    {
        var (active, measures) = (session.Workspace.State.ActiveSet, new SetMeasures(context, session));
        return new ServedSkills(
            Measured(context, session, active), context.Request.Skills.ToDictionary(skill => skill.Name, skill => measures.HeldTo(active, skill), StringComparer.Ordinal));
    }

    private static IReadOnlyList<SkillResult> Measured(JobContext context, WorkspaceSession session, string? set)
    {
        var measures = new SetMeasures(context, session);
        return [.. context.Request.Skills.Select(skill => measures.Of(set, skill))];
    }

    // Once the candidate serves, it is what the next one is measured by.
    private static void Remember(JobContext context, WorkspaceSession session, string set, IReadOnlyList<SkillResult> measured, Func<string, double?> heldTo)
    {
        var measures = new SetMeasures(context, session);
        foreach (var (skill, result) in context.Request.Skills.Zip(measured))
        {
            var own = new EvaluationReport(result.Losses).Loss;
            measures.Remember(set, skill, Math.Min(heldTo(skill.Name) ?? own, own));
        }
    }

    // Nobody has been promised what no active expert has, nor what a version learns that the active one has not learnt. A skill that its expert was found to
    // cover is on neither's card: it is served as it is. A larger backbone, and the way back from one, teach nothing.
    private static Func<string, bool> IsNew(JobContext context, IReadOnlyDictionary<string, ExpertCardOf> candidate)
    {
        if (context.Request.ActiveSet is { } set && set.Backbone.Digest != context.Backbone.Digest)
        {
            return static _ => false;
        }

        var active = context.CardsOf(context.Request.ActiveSet);
        return context.Request.Skills.Where(IsLearnt).Select(skill => skill.Name).ToHashSet(StringComparer.Ordinal).Contains;

        bool IsLearnt(SkillInput skill) => !active.TryGetValue(skill.Expert, out var before) || (!before.Card.Has(skill) && candidate.GetValueOrDefault(skill.Expert)?.Card.Has(skill) is true);
    }

    private static IReadOnlyList<SkillDelta> Worst(RegressionReport report) =>
    [
        .. report.Rows
            .Where(row => row.Verdict != RegressionVerdict.Kept || row.Difference > 0)
            .OrderByDescending(row => row.Verdict)
            .ThenByDescending(row => double.IsNaN(row.Difference) ? double.PositiveInfinity : row.Difference / row.Budget)
            .ThenBy(row => row.Skill, StringComparer.Ordinal)
            .Take(MostWorst)
            .Select(row => new SkillDelta(row.Skill, Finite(row.Active), Finite(row.Candidate), Finite(row.Budget))
            {
                IsNew = row.IsLearnt ? true : null,
                IsBest = row.IsAgainstBest ? true : null,
            }),
    ];

    // JSON has no word for what is not a number; nothing that is served is that bad.
    private static double Finite(double nats) => double.IsFinite(nats) ? Math.Round(nats, 6) : 1e9;

    private static void Require(SetMember member, ExpertCard card, string backbone)
    {
        if (card.Backbone != backbone)
        {
            throw new InvalidInputException(Reasons.BackboneMismatch, $"Expert '{member.Name}' was made for backbone {card.Backbone}, this one is {backbone}.");
        }

        if (card.Mode.ToString() != member.Mode || card.Rank != member.Rank)
        {
            throw new InvalidInputException(
                Reasons.InvalidInput, $"The candidate has expert '{member.Name}' as {member.Mode} of rank {member.Rank}; its artifact {member.Digest} is {card.Mode} of rank {card.Rank}.");
        }
    }

    private static JobResult Result(string reason, string message, CheckResult check) => new()
    {
        Kind = JobKind.Check,
        Outcome = JobOutcome.Succeeded,
        Reason = reason,
        Message = message,
        Check = check,
    };

    /// <summary>Skills as the active set serves them.</summary>
    /// <param name="Skills">Their losses.</param>
    /// <param name="HeldTo">The loss that each is held to, in nats per token, by its name; null for the bare backbone.</param>
    private sealed record ServedSkills(IReadOnlyList<SkillResult> Skills, IReadOnlyDictionary<string, double?> HeldTo);
}
