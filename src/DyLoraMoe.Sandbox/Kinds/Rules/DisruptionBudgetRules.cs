using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Disruption budgets: how many pods must stay or may go, not both.</summary>
internal sealed class DisruptionBudgetRules : KindRules
{
    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        JsonObject? spec = item.Map("spec");
        if (spec.At("minAvailable") is not null && spec.At("maxUnavailable") is not null)
        {
            errors.Add(FieldError.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
        }

        foreach (string field in (ReadOnlySpan<string>)["minAvailable", "maxUnavailable"])
        {
            ShareChecks.Check(spec.At(field), $"spec.{field}", errors);
            ShareChecks.AtMostAll(spec.At(field), $"spec.{field}", errors);
        }

        LabelChecks.Selector(spec.At("selector"), "spec.selector", errors);
    }
}
