namespace DyLoraMoe.Core.Growth.Infinite;

/// <summary>
/// The soft edge of a row of units at 0, 1, 2, ... that goes on for ever: unit x is multiplied by <c>clip((R + b − x) / R, 0, 1)</c>, the mask
/// of <see href="https://arxiv.org/abs/1905.07799">adaptive attention span</see>. What is beyond it does nothing and need not exist.
/// </summary>
/// <param name="Position">The boundary b, in units: the last place where a unit acts in full. At least zero.</param>
/// <param name="Ramp">Width R of what lies between in full and not at all, in units; positive.</param>
public sealed record SoftBoundary(double Position, double Ramp)
{
    /// <summary>Units that act at all, from the first on.</summary>
    public int Reached => (int)Math.Ceiling(Position + Ramp);

    /// <summary>A boundary at the start. Its ramp ends behind the last unit, or lies further out, so that whatever writes anything acts in full.</summary>
    /// <param name="units">How many units.</param>
    /// <param name="lastToWrite">Place of the outermost that writes anything; -1 for none.</param>
    /// <param name="ramp">Width of the ramp.</param>
    public static SoftBoundary Around(int units, int lastToWrite, double ramp) => new(Math.Max(Math.Max(0, units - ramp), lastToWrite), ramp);

    /// <summary>The factor on what a unit writes.</summary>
    /// <param name="place">Where the unit is.</param>
    public double Gate(double place) => Math.Clamp((Ramp + Position - place) / Ramp, 0, 1);

    /// <summary>The derivative of the factor by the boundary's position.</summary>
    /// <param name="place">Where the unit is.</param>
    public double Slope(double place) => place > Position && place < Position + Ramp ? 1 / Ramp : 0;

    /// <summary>
    /// How many units should exist: at least all that act, as far as the limit allows. Some spare ones save growing at every step, and more than
    /// twice as many are released.
    /// </summary>
    /// <param name="present">How many exist.</param>
    /// <param name="spare">How many to have ready beyond the boundary.</param>
    /// <param name="most">The limit of what is allocated. What exists and acts is never released.</param>
    public int Wanted(int present, int spare, int most)
    {
        var isEnough = present >= Math.Min(Reached, most) && present <= Reached + (2 * spare);
        return isEnough ? present : Math.Min(Reached + spare, Math.Max(present, most));
    }

    /// <summary>The boundary somewhere else, within its limits.</summary>
    /// <param name="by">How far it moves out, in units; negative for inwards.</param>
    /// <param name="least">Fewest units that act.</param>
    /// <param name="most">Most units that act in full by moving out; a boundary further out stays.</param>
    public SoftBoundary Moved(double by, int least, int most)
    {
        var nearest = Math.Max(0, least - Ramp);
        return this with { Position = Math.Clamp(Position + by, nearest, Math.Max(nearest, Math.Max(Position, most - 1))) };
    }
}
