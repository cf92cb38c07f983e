using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>How a backbone is to grow, and what must hold for the larger one to be served.</summary>
[ValidationRule("has(self.operators) != has(self.automatic)", message: "must have exactly one of operators and automatic")]
public sealed record GrowthSpec
{
    /// <summary>The Backbone that grows.</summary>
    [Required]
    [ValidationRule("self == oldSelf", message: "is immutable: another Backbone grows by another Growth")]
    public LocalReference BackboneRef { get; set; } = new();

    /// <summary>What is done, first to last.</summary>
    [Items(1, Bounds.GrowthOperators)]
    public IList<GrowthOperator>? Operators { get; set; }

    /// <summary>Leaves the choice to what is measured.</summary>
    public AutomaticGrowth? Automatic { get; set; }

    /// <summary>
    /// How new weights start. RandomReaders: what writes is zero, what reads is random, so that they learn from the first step on. ZeroPadded: zeros and the identity, which cannot
    /// learn before noise moves them.
    /// </summary>
    [EnumValues(GrowthVariants.RandomReaders, GrowthVariants.ZeroPadded)]
    [DefaultValue(GrowthVariants.RandomReaders)]
    public string Variant { get; set; } = GrowthVariants.RandomReaders;

    /// <summary>Noise in what is new, as a share of each weight's own spread: a number as text. What it spoils, relearning has to mend.</summary>
    [Length(1, Bounds.NumberLength)]
    [Pattern(Patterns.DecimalNumber)]
    [ValidationRule("double(self) <= 10.0", message: "must be at most 10")]
    [DefaultValue("0")]
    public string Noise { get; set; } = "0";

    /// <summary>How the larger backbone learns from the smaller one. Not at all when left out: it computes the same already, unless there is noise.</summary>
    public Relearning? Relearning { get; set; }

    /// <summary>What must hold for the larger backbone to be offered. The set with it is compared with the active one besides, as every set is.</summary>
    [DefaultValue("{}", Json = true)]
    public GrowthGates Gates { get; set; } = new();

    /// <summary>What becomes of sets on the smaller backbone once the larger one is served. Keep: as many as of any, so that a roll back is a pointer. Drop: they go with all that only they need.</summary>
    [EnumValues(OldBackbones.Keep, OldBackbones.Drop)]
    [DefaultValue(OldBackbones.Keep)]
    public string Old { get; set; } = OldBackbones.Keep;

    /// <summary>Seed of everything that is random.</summary>
    [RangeMinimum(0)]
    [RangeMaximum(int.MaxValue)]
    [DefaultValue(1)]
    public int Seed { get; set; } = 1;

    /// <summary>Stops what is under way at its next checkpoint, and offers nothing. What is served stays.</summary>
    [DefaultValue(false)]
    public bool Suspend { get; set; }
}

/// <summary>How new weights start.</summary>
public static class GrowthVariants
{
    /// <summary>Writers at zero, readers at random.</summary>
    public const string RandomReaders = "RandomReaders";

    /// <summary>Zeros and the identity.</summary>
    public const string ZeroPadded = "ZeroPadded";
}

/// <summary>What becomes of sets on the smaller backbone.</summary>
public static class OldBackbones
{
    /// <summary>As many are kept as of any.</summary>
    public const string Keep = "Keep";

    /// <summary>They go once the larger backbone is served.</summary>
    public const string Drop = "Drop";
}
