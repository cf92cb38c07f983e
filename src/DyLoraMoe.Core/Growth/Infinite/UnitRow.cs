namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>One axis while it trains: its boundary, the force on it, and the strands whose units it gates.</summary>
/// <param name="options">Its limits.</param>
/// <param name="most">Most units.</param>
/// <param name="boundary">Where its boundary is.</param>
internal sealed class UnitRow(AxisOptions options, int most, SoftBoundary boundary)
{
    public AxisOptions Options => options;

    public int Most => most;

    public SoftBoundary Boundary { get; set; } = boundary;

    public BoundaryForce Force { get; set; } = new();

    /// <summary>The units. They change with every allocation.</summary>
    public IReadOnlyList<UnitStrand> Strands { get; set; } = [];

    /// <summary>dL/db of the step under way.</summary>
    public double Gradient { get; set; }

    /// <summary>Length by which distances are measured: the boundary's own, so that nothing depends on how large a network is.</summary>
    public double Radius => Math.Max(1, Boundary.Position);

    /// <summary>A row at the start. Units that write nothing lie in the ramp, where they are tried first; the network computes what it did.</summary>
    /// <param name="options">Its limits.</param>
    /// <param name="units">How many there are.</param>
    /// <param name="strands">The units.</param>
    public static UnitRow Of(AxisOptions options, int units, IReadOnlyList<UnitStrand> strands) =>
        new(options, options.MostFrom(units), SoftBoundary.Around(units, strands.Max(strand => strand.LastToWrite()), RampOf(options, units))) { Strands = strands };

    private static double RampOf(AxisOptions options, int units) => options.Ramp
        ?? (options.Axis is UnitAxis.Depth or UnitAxis.Heads ? 1 : Math.Max(2, units / 8.0));
}
