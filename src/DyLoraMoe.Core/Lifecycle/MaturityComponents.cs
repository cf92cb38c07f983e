using System.Text.Json.Serialization;

namespace DyLoraMoe.Core.Lifecycle;

/// <summary>The four parts of maturity, each 0 to 1; the least one counts.</summary>
/// <param name="Gain">Gain over the backbone on held-out data, as a share of the target gain.</param>
/// <param name="Flatness">One less the share of the whole gain that the last evaluations still added.</param>
/// <param name="Routing">Share of the skill's own held-out samples that reach the expert.</param>
/// <param name="Samples">Different samples seen, as a share of those needed.</param>
public sealed record MaturityComponents(double Gain, double Flatness, double Routing, double Samples)
{
    /// <summary>The least of the four.</summary>
    [JsonIgnore]
    public double Least => Math.Min(Math.Min(Gain, Flatness), Math.Min(Routing, Samples));
}
