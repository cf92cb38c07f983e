using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>One step of a growth.</summary>
[ValidationRule("!self.operator.startsWith('Widen') || has(self.to) != has(self.percent)", message: "must have exactly one of to and percent, as a Widen operator")]
[ValidationRule("self.operator != 'RaiseQueriesPerGroup' || has(self.to)", message: "to is needed by RaiseQueriesPerGroup")]
[ValidationRule("self.operator.startsWith('Widen') || self.operator == 'RaiseQueriesPerGroup' || !has(self.to)", message: "to belongs to Widen operators and RaiseQueriesPerGroup")]
[ValidationRule("self.operator.startsWith('Widen') || !has(self.percent)", message: "percent belongs to Widen operators")]
[ValidationRule("self.operator == 'InsertLayers' || !has(self.at)", message: "at belongs to InsertLayers")]
[ValidationRule("self.operator in ['InsertLayers', 'AddHeads', 'AddKeyValueGroups'] || !has(self.count)", message: "count belongs to InsertLayers, AddHeads and AddKeyValueGroups")]
[ValidationRule("(self.operator == 'UnshareKeyValues') == has(self.times)", message: "times belongs to UnshareKeyValues, which needs it")]
public sealed record GrowthOperator
{
    /// <summary>
    /// What is done: InsertLayers; WidenFeedForward; AddHeads, with keys and values of their own where every head has them; AddKeyValueGroups, each with as many queries as now;
    /// RaiseQueriesPerGroup; UnshareKeyValues; WidenHidden, the residual stream; WidenHeads, to a multiple.
    /// </summary>
    [Required]
    [EnumValues(
        GrowthOperators.InsertLayers, GrowthOperators.WidenFeedForward, GrowthOperators.AddHeads, GrowthOperators.AddKeyValueGroups,
        GrowthOperators.RaiseQueriesPerGroup, GrowthOperators.UnshareKeyValues, GrowthOperators.WidenHidden, GrowthOperators.WidenHeads)]
    public string Operator { get; set; } = "";

    /// <summary>How many of the layers so far come before the new ones: 0 for the front. The end when left out.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(4096)]
    public int? At { get; set; }

    /// <summary>How many layers, heads or groups. One when left out.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(4096)]
    public int? Count { get; set; }

    /// <summary>The size afterwards.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1 << 24)]
    public int? To { get; set; }

    /// <summary>How much larger, in percent, in place of a size: it is rounded up to one that the model allows.</summary>
    [RangeMinimum(1)]
    [RangeMaximum(1000)]
    public int? Percent { get; set; }

    /// <summary>Copies of each key/value head.</summary>
    [RangeMinimum(2)]
    [RangeMaximum(4096)]
    public int? Times { get; set; }
}

/// <summary>What a growth may do.</summary>
public static class GrowthOperators
{
    /// <summary>Layers that add nothing yet.</summary>
    public const string InsertLayers = "InsertLayers";

    /// <summary>Wider feed-forward layers.</summary>
    public const string WidenFeedForward = "WidenFeedForward";

    /// <summary>More query heads.</summary>
    public const string AddHeads = "AddHeads";

    /// <summary>More key/value heads with their queries.</summary>
    public const string AddKeyValueGroups = "AddKeyValueGroups";

    /// <summary>More queries for each key/value head.</summary>
    public const string RaiseQueriesPerGroup = "RaiseQueriesPerGroup";

    /// <summary>Key/value heads of which fewer queries share one.</summary>
    public const string UnshareKeyValues = "UnshareKeyValues";

    /// <summary>A wider residual stream.</summary>
    public const string WidenHidden = "WidenHidden";

    /// <summary>Wider heads.</summary>
    public const string WidenHeads = "WidenHeads";
}
