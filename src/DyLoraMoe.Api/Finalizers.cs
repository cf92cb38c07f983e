namespace DyLoraMoe.Api;

/// <summary>Finalizers: what must happen before an object may go.</summary>
public static class Finalizers
{
    /// <summary>On a Skill: its expert leaves the set, and what the deletion policy says is done with the weights.</summary>
    public const string Skill = ApiNames.Group + "/skill";

    /// <summary>On a LoraExpert: it leaves the set and the roll is waited for.</summary>
    public const string Expert = ApiNames.Group + "/expert";

    /// <summary>On a Consolidation: its jobs are stopped, and a set that is being rolled out with what it offered is waited for.</summary>
    public const string Consolidation = ApiNames.Group + "/consolidation";

    /// <summary>On a Growth: its jobs are stopped, and a set that is being rolled out on the larger backbone is waited for.</summary>
    public const string Growth = ApiNames.Group + "/growth";

    /// <summary>On a Backbone: its skills and experts go before it.</summary>
    public const string Backbone = ApiNames.Group + "/backbone";
}
