using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Api.Validation;

/// <summary>What makes a Growth valid: the rules of its CRD, for manifests that reached the operator without them.</summary>
public static class GrowthRules
{
    /// <summary>Everything that is wrong with a Growth. Whether a backbone can grow like that is not among it.</summary>
    /// <param name="growth">The Growth.</param>
    public static IReadOnlyList<FieldError> Check(Growth growth)
    {
        var errors = new ErrorList();
        var spec = growth.Spec;
        PlaceRules.Name(errors, growth.Metadata?.Name);
        FieldBounds.Check(errors, "spec", spec);
        errors.ExactlyOne("spec", ("operators", spec.Operators), ("automatic", spec.Automatic));
        errors.Number("spec.noise", spec.Noise, noise => noise <= 10, "of at most 10");
        errors.Number("spec.relearning.rate", spec.Relearning?.Rate, rate => rate is > 0 and <= 1, "above 0 and at most 1");
        foreach (var (at, step) in (spec.Operators ?? []).Index())
        {
            Operator(errors, $"spec.operators[{at}]", step);
        }

        return errors;
    }

    /// <summary>Everything that is wrong with a Growth that takes the place of another of the same name.</summary>
    /// <param name="old">The Growth so far.</param>
    /// <param name="now">The Growth that is to be.</param>
    public static IReadOnlyList<FieldError> CheckUpdate(Growth old, Growth now)
    {
        var errors = new ErrorList();
        errors.AddRange(Check(now));
        errors.Immutable("spec.backboneRef", old.Spec.BackboneRef.Name, now.Spec.BackboneRef.Name, "another Backbone grows by another Growth");
        return errors;
    }

    private static void Operator(ErrorList errors, string path, GrowthOperator step)
    {
        var widens = step.Operator.StartsWith("Widen", StringComparison.Ordinal);
        if (widens)
        {
            errors.ExactlyOne(path, ("to", step.To), ("percent", step.Percent));
        }
        else
        {
            Needs(errors, path + ".to", step.Operator, step.To, isNeeded: step.Operator == GrowthOperators.RaiseQueriesPerGroup, isTaken: step.Operator == GrowthOperators.RaiseQueriesPerGroup);
            Needs(errors, path + ".percent", step.Operator, step.Percent, isNeeded: false, isTaken: false);
        }

        Needs(errors, path + ".at", step.Operator, step.At, isNeeded: false, isTaken: step.Operator == GrowthOperators.InsertLayers);
        Needs(errors, path + ".count", step.Operator, step.Count, isNeeded: false, isTaken: step.Operator is GrowthOperators.InsertLayers or GrowthOperators.AddHeads or GrowthOperators.AddKeyValueGroups);
        Needs(errors, path + ".times", step.Operator, step.Times, isNeeded: step.Operator == GrowthOperators.UnshareKeyValues, isTaken: step.Operator == GrowthOperators.UnshareKeyValues);
    }

    private static void Needs(ErrorList errors, string path, string kind, int? value, bool isNeeded, bool isTaken)
    {
        if (value is null && isNeeded)
        {
            errors.Add(path, $"a value: {kind} needs it", "nothing", "set it");
        }
        else if (value is not null && !isTaken)
        {
            errors.Add(path, $"nothing: {kind} does not take it", ErrorList.Show(value), "remove it");
        }
    }
}
