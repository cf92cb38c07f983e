namespace DyLoraMoe.Api;

/// <summary>Labels of everything that the operator makes.</summary>
public static class Labels
{
    /// <summary>Name of the Backbone that an object belongs to.</summary>
    public const string Backbone = ApiNames.Group + "/backbone";

    /// <summary>Name of the Skill that an object belongs to.</summary>
    public const string Skill = ApiNames.Group + "/skill";

    /// <summary>Name of the LoraExpert that an object belongs to.</summary>
    public const string Expert = ApiNames.Group + "/expert";

    /// <summary>Name of the Consolidation that an object belongs to.</summary>
    public const string Consolidation = ApiNames.Group + "/consolidation";

    /// <summary>Name of the Growth that an object belongs to.</summary>
    public const string Growth = ApiNames.Group + "/growth";

    /// <summary>What a Job does, the name of a <see cref="Jobs.JobKind"/>.</summary>
    public const string JobKind = ApiNames.Group + "/job-kind";

    /// <summary>First digits of the revision that an object holds or serves.</summary>
    public const string Revision = ApiNames.Group + "/revision";

    /// <summary>The program, one of Kubernetes' recommended labels.</summary>
    public const string Name = "app.kubernetes.io/name";

    /// <summary>What an object is for, one of Kubernetes' recommended labels.</summary>
    public const string Component = "app.kubernetes.io/component";

    /// <summary>Who made an object, one of Kubernetes' recommended labels.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>The queue that Kueue admits a Job through.</summary>
    public const string KueueQueue = "kueue.x-k8s.io/queue-name";

    /// <summary>Value of <see cref="Name"/>.</summary>
    public const string ProductName = "dylora-moe";
}
