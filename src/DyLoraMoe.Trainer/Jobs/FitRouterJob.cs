using System.Globalization;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Lifecycle;
using DyLoraMoe.Core.Routing;
using DyLoraMoe.Trainer.Workspaces;

namespace DyLoraMoe.Trainer.Jobs;

/// <summary>Fits a router for a set of experts on what is stored of every skill, and judges how mature each expert is now.</summary>
internal sealed class FitRouterJob : IJob
{
    // A blend that moves by less is not worth a roll.
    private const double LeastDegree = 0.005;

    private const string Phase = "fit-router";

    /// <inheritdoc/>
    public JobResult Run(JobContext context)
    {
        var input = context.Request.FitRouter ?? throw new InvalidInputException(Reasons.InvalidInput, "The request is of kind FitRouter and has no part fitRouter.");
        if (input.Experts.Count == 0)
        {
            throw new InvalidInputException(Reasons.InvalidInput, "The request names no experts; a set without experts needs no router.");
        }

        var result = context.Journal.DoResult(Phase, () => Fit(context, input));
        if (!context.Store.Renew(ArtifactKind.Router, result.FitRouter!.Router))
        {
            context.Journal.Forget(Phase);
            result = context.Journal.DoResult(Phase, () => Fit(context, input));
        }

        return result;
    }

    private static JobResult Fit(JobContext context, FitRouterInput input)
    {
        var experts = input.Experts.ToDictionary(expert => expert.Name, expert => new ExpertCardOf(expert.Digest, ExpertCard.Open(context.Store, expert.Digest)), StringComparer.Ordinal);
        var skills = context.Request.Skills.Where(skill => experts.ContainsKey(skill.Expert)).ToList();
        var active = context.Request.ActiveSet;

        // While the backbone grows, what is served is on the one before.
        using var session = context.Open(skills, experts, active?.Backbone.Digest == context.Backbone.Digest ? active : null);
        new FeatureShelf(context, session).Assemble(skills);
        var before = active?.Router is { } router ? MaturityFile.Read(context.Store.Open(ArtifactKind.Router, router)) : new(StringComparer.Ordinal);
        var change = new SetChange
        {
            Known = experts.ToDictionary(
                pair => pair.Key,
                pair => new KnownMaturity(before.GetValueOrDefault(pair.Key), pair.Value.Card.Evidence ?? Covered(session, pair.Key)),
                StringComparer.Ordinal),
        };
        using var carried = Carried(context, session, active);
        var fitted = new Candidate(session, context.Stop).Fit(change, carried);
        foreach (var (name, maturity) in fitted.Maturities)
        {
            context.Say($"{name}: {session.Policy.Maturity.Explain(maturity)}");
        }

        return Fitting(new JobResult
        {
            Kind = JobKind.FitRouter,
            Outcome = JobOutcome.Succeeded,
            Reason = Reasons.RouterFitted,
            Message = string.Create(CultureInfo.InvariantCulture, $"{(fitted.IsCarried ? "The router of the backbone before is carried over as it is: " : "")}{100 * fitted.Accuracy:0.0} % of held-out prompts reach their expert; {fitted.Maturities.Values.Count(state => state.IsMature)} of {fitted.Maturities.Count} experts are mature."),
            FitRouter = new FitRouterResult { Router = fitted.Router, Mode = fitted.Mode, AccuracyPercent = (int)Math.Round(100 * fitted.Accuracy), IsCarried = fitted.IsCarried },
        }, Changes(input, active, fitted.Maturities));
    }

    // The router that is served, where the backbone grew since and computes the same.
    private static DynamicHybridRouter? Carried(JobContext context, WorkspaceSession session, SetRevision? active)
    {
        if (active?.Router is not { } digest || session.Descriptions.Former is not { } former || former.Backbone != active.Backbone.Digest)
        {
            return null;
        }

        using var router = DynamicHybridRouter.Load(context.Store.Open(ArtifactKind.Router, digest), new RouterIdentity(former.Features, former.Backbone));
        return GrownRouter.Of(router, session.Identity);
    }

    // An imported expert that was measured on nothing may have skills by now, which it was found to cover.
    private static MaturityEvidence? Covered(WorkspaceSession session, string expert)
    {
        var evidence = session.Library.Skills.Where(skill => skill.Expert == expert && skill.Evidence is not null).Select(skill => skill.Evidence!).ToList();
        if (evidence.Count == 0)
        {
            return null;
        }

        var tokens = evidence.Sum(skill => skill.Tokens.Sum());
        var (backbone, own) = (evidence.Sum(skill => skill.Backbone.Sum()) / tokens, evidence.Sum(skill => skill.Expert.Sum()) / tokens);
        var policy = session.Policy.Maturity;
        return new MaturityEvidence
        {
            BackboneLoss = backbone,
            ExpertLoss = own,
            Curve = [.. Enumerable.Range(0, policy.FlatEvaluations).Select(point => new LossPoint(point, own))],
            SamplesSeen = policy.SamplesNeeded,
        };
    }

    private static List<KeyValuePair<string, ExpertMaturity>> Changes(FitRouterInput input, SetRevision? active, SortedDictionary<string, MaturityState> maturities)
    {
        var changes = new List<(KeyValuePair<string, ExpertMaturity> Entry, int Distance)>();
        foreach (var expert in input.Experts)
        {
            var state = maturities[expert.Name];
            var percent = (int)Math.Round(100 * state.Value);
            var served = active?.Experts.FirstOrDefault(member => member.Name == expert.Name)?.Maturity ?? 0;
            if (percent != expert.MaturityPercent || Math.Abs(served - state.Degree) > LeastDegree || served >= 1 != state.Degree >= 1)
            {
                var maturity = new ExpertMaturity(percent, state.IsMature, Math.Round(state.Degree, 4), HeldBackBy(state));
                changes.Add((KeyValuePair.Create(expert.Name, maturity), Math.Abs(percent - expert.MaturityPercent)));
            }
        }

        return [.. changes.OrderByDescending(change => change.Distance).ThenBy(change => change.Entry.Key, StringComparer.Ordinal).Select(change => change.Entry)];
    }

    // As many as a termination message holds, those that changed most first.
    private static JobResult Fitting(JobResult result, List<KeyValuePair<string, ExpertMaturity>> changes)
    {
        for (var count = changes.Count; ; count--)
        {
            var experts = new SortedDictionary<string, ExpertMaturity>(changes.Take(count).ToDictionary(), StringComparer.Ordinal);
            var whole = result with { FitRouter = result.FitRouter! with { Experts = experts, IsTruncated = count < changes.Count } };
            if (count == 0 || System.Text.Encoding.UTF8.GetByteCount(ContractJson.Write(whole)) <= JobResult.LongestText - JobRun.Reserve)
            {
                return whole;
            }
        }
    }

    private static string? HeldBackBy(MaturityState state)
    {
        var parts = state.Components;
        return state.IsMature ? null : new (string Name, double Value)[] { ("gain", parts.Gain), ("flatness", parts.Flatness), ("routing", parts.Routing), ("samples", parts.Samples) }
            .MinBy(part => part.Value).Name;
    }
}
