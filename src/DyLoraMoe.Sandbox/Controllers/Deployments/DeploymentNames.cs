namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>Labels and annotations by which kubectl and the controllers follow a rollout.</summary>
internal static class DeploymentNames
{
    public const string PodTemplateHash = "pod-template-hash";
    public const string Revision = "deployment.kubernetes.io/revision";
    public const string RevisionHistory = "deployment.kubernetes.io/revision-history";
    public const string DesiredReplicas = "deployment.kubernetes.io/desired-replicas";
    public const string MaxReplicas = "deployment.kubernetes.io/max-replicas";
    public const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    public const string PodDeletionCost = "controller.kubernetes.io/pod-deletion-cost";
}
