namespace DyLoraMoe.Api.Conditions;

/// <summary>Types of conditions. A type that a resource does not have yet counts as Unknown.</summary>
public static class ConditionTypes
{
    /// <summary>The spec is valid and what it refers to exists: all that a GitOps sync needs to wait for.</summary>
    public const string Accepted = "Accepted";

    /// <summary>Backbone: the weights were found and loaded, and their digest is the expected one.</summary>
    public const string Prepared = "Prepared";

    /// <summary>Backbone: it is known which experts the next set holds.</summary>
    public const string SetResolved = "SetResolved";

    /// <summary>Backbone: a router is fitted for that set.</summary>
    public const string RouterFitted = "RouterFitted";

    /// <summary>Backbone: that set makes no skill worse than the budget allows, older ones or new.</summary>
    public const string RegressionChecked = "RegressionChecked";

    /// <summary>Backbone: all pods serve the active revision.</summary>
    public const string RolledOut = "RolledOut";

    /// <summary>Skill: the data are a dataset with a digest.</summary>
    public const string DataResolved = "DataResolved";

    /// <summary>Skill: it is decided whether the data are new.</summary>
    public const string NoveltyAssessed = "NoveltyAssessed";

    /// <summary>LoraExpert: it has an artifact that holds all it is to know.</summary>
    public const string Trained = "Trained";

    /// <summary>LoraExpert: it was compared with the bare backbone on held-out data.</summary>
    public const string Evaluated = "Evaluated";

    /// <summary>LoraExpert: its evidence suffices for sparse routing.</summary>
    public const string Mature = "Mature";

    /// <summary>LoraExpert: every pod of the router serves its newest admitted artifact.</summary>
    public const string Served = "Served";

    /// <summary>Consolidation: the experts of its newest run are trained.</summary>
    public const string Consolidated = "Consolidated";

    /// <summary>Consolidation: what its newest run offered is part of the set that is served.</summary>
    public const string Admitted = "Admitted";

    /// <summary>Growth: the operators are known, and the backbone can grow by them.</summary>
    public const string Planned = "Planned";

    /// <summary>Growth: the larger backbone is there, and computes what the smaller one does.</summary>
    public const string Grown = "Grown";

    /// <summary>Growth: it has learnt from the smaller one, and says what that says on held-out text.</summary>
    public const string Relearned = "Relearned";

    /// <summary>Growth: the experts are carried over, and no skill is worse than the budget allows.</summary>
    public const string Validated = "Validated";

    /// <summary>Growth: the set that is served is on the larger backbone.</summary>
    public const string Adopted = "Adopted";

    /// <summary>The summary: True when done, Unknown while work is under way, False on a real failure.</summary>
    public const string Ready = "Ready";

    /// <summary>Present and True while Ready is Unknown: kstatus' own name for work under way.</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Present and True only when nothing but a change of the spec helps.</summary>
    public const string Stalled = "Stalled";
}
