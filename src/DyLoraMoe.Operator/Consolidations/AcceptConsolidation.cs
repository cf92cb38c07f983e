using System.Text.RegularExpressions;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Api.Validation;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Consolidations;

/// <summary>Whether the spec holds and what it refers to is there.</summary>
internal sealed class AcceptConsolidation(ICluster cluster) : IPhase<ConsolidationScope>
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ConsolidationScope scope, CancellationToken cancellationToken)
    {
        var (verdict, mayMend) = Decide(scope);
        scope.Find(verdict);
        return Task.FromResult(
            verdict.Status != ConditionStatus.True ? (mayMend ? Outcome.WaitFor(verdict.Reason, verdict.Message, _patience) : Outcome.Stop(verdict.Reason, verdict.Message))
            : scope.Backbone.Status.Digest is null ? Outcome.WaitFor(Reasons.BackboneNotReady, $"Backbone {scope.Backbone.Metadata.Name} is not prepared yet.", _patience)
            : SetStore.LossOf(scope.Backbone, scope.ActiveSet) is { } loss ? Outcome.WaitFor(Reasons.BackboneNotReady, loss, _patience)
            : Outcome.Continue);
    }

    private (Finding Verdict, bool MayMend) Decide(ConsolidationScope scope)
    {
        var spec = scope.Spec;
        if (ConsolidationRules.Check(scope.Consolidation) is { Count: > 0 } errors)
        {
            return (No(Reasons.InvalidSpec, string.Join(" ", errors)), false);
        }

        try
        {
            scope.Timetable = spec.Schedule is { } schedule ? Timetable.Parse(schedule, spec.TimeZone) : null;
        }
        catch (FormatException error)
        {
            return (No(Reasons.InvalidSpec, error.Message), false);
        }

        foreach (var rule in spec.Dreams?.Rules ?? [])
        {
            if (ProblemOf(rule) is { } problem)
            {
                return (No(Reasons.InvalidSpec, $"spec.dreams.rules: the pattern for skill {rule.Skill} is no regular expression: {problem}"), false);
            }
        }

        if (cluster.Find<Backbone>(scope.Namespace, spec.BackboneRef.Name) is not { } backbone)
        {
            return (No(Reasons.BackboneNotFound, $"There is no Backbone {spec.BackboneRef.Name} in this namespace."), true);
        }

        if (spec.Episodes is not null && backbone.Spec.Serving.Memory is null)
        {
            return (No(Reasons.NoMemory, $"Backbone {backbone.Metadata.Name} remembers nothing that could be learnt: set its spec.serving.memory, or remove spec.episodes."), true);
        }

        scope.Backbone = backbone;
        scope.ActiveSet = cluster.ActiveSet(backbone);
        return (Finding.True(ConditionTypes.Accepted, Reasons.Valid, "The spec is valid and what it refers to exists."), false);
    }

    private static string? ProblemOf(DreamRule rule)
    {
        try
        {
            _ = new Regex(rule.Pattern, RegexOptions.None, Regex.InfiniteMatchTimeout);
            return null;
        }
        catch (RegexParseException error)
        {
            return error.Message;
        }
    }

    private static Finding No(string reason, string message) => Finding.False(ConditionTypes.Accepted, reason, message);
}
