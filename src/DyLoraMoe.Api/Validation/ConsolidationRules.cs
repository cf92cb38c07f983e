using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Api.Validation;

/// <summary>What makes a Consolidation valid: the rules of its CRD, for manifests that reached the operator without them.</summary>
public static class ConsolidationRules
{
    /// <summary>Everything that is wrong with a Consolidation. Whether its schedule and time zone mean anything is not among it.</summary>
    /// <param name="consolidation">The Consolidation.</param>
    public static IReadOnlyList<FieldError> Check(Consolidation consolidation)
    {
        var errors = new ErrorList();
        var spec = consolidation.Spec;
        PlaceRules.Name(errors, consolidation.Metadata?.Name);
        FieldBounds.Check(errors, "spec", spec);
        errors.Number("spec.budget.drift", spec.Budget.Drift, drift => drift is >= 1e-9 and <= 1000, "from 1e-9 to 1000");
        errors.Number("spec.dreams.judge.leastScore", spec.Dreams?.Judge?.LeastScore, score => score <= 1, "of at most 1");
        if (spec.Episodes is { } episodes && spec.Experts?.Contains(episodes.Expert) == false)
        {
            errors.Add("spec.episodes.expert", "one of the experts", ErrorList.Show(episodes.Expert), "add it to spec.experts, or choose one of those");
        }

        if (spec.Schedule is null)
        {
            BelongsToSchedule(errors, "timeZone", spec.TimeZone);
            BelongsToSchedule(errors, "startingDeadlineSeconds", spec.StartingDeadlineSeconds);
        }

        return errors;
    }

    /// <summary>Everything that is wrong with a Consolidation that takes the place of another of the same name.</summary>
    /// <param name="old">The Consolidation so far.</param>
    /// <param name="now">The Consolidation that is to be.</param>
    public static IReadOnlyList<FieldError> CheckUpdate(Consolidation old, Consolidation now)
    {
        var errors = new ErrorList();
        errors.AddRange(Check(now));
        errors.Immutable("spec.backboneRef", old.Spec.BackboneRef.Name, now.Spec.BackboneRef.Name, "another backbone's experts are consolidated by another Consolidation");
        return errors;
    }

    private static void BelongsToSchedule(ErrorList errors, string field, object? value)
    {
        if (value is not null)
        {
            errors.Add("spec." + field, "nothing, since there is no schedule", ErrorList.Show(value), "remove it, or add a schedule");
        }
    }
}
