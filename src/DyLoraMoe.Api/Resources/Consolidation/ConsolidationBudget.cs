using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How much may be spent on an expert in a run, and how far it may move. What is left out is bounded by the Backbone's recipe alone.</summary>
public sealed record ConsolidationBudget
{
    /// <summary>Most tokens that an expert is trained on; learning episodes may take as many again.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1_000_000_000_000)]
    public long? Tokens { get; set; }

    /// <summary>Most seconds that the training of an expert takes; what it has learnt by then counts. Learning episodes may take as many again.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(604_800)]
    public int? Seconds { get; set; }

    /// <summary>
    /// How far an expert may drift from what it said before, in nats per token on what it knows: a number as text. Training ends with the last weights within it.
    /// </summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) >= 0.000000001 && double(self) <= 1000.0", message: "must be from 1e-9 to 1000")]
    [DefaultValue("0.1")]
    public string Drift { get; set; } = "0.1";
}
