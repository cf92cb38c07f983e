using DyLoraMoe.Api.Conditions;

namespace DyLoraMoe.Api.Resources;

/// <summary>A status with conditions.</summary>
public interface IConditioned
{
    /// <summary>The generation that the status was computed for; -1 before the first time.</summary>
    long ObservedGeneration { get; set; }

    /// <summary>How the resource is, each type once.</summary>
    IList<Condition> Conditions { get; set; }
}
