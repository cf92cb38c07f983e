using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Service accounts: jobs may report the progress of experts and nothing else, the router may nothing.</summary>
internal sealed class EnsureAccounts(ICluster cluster) : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var (trainer, router) = (ChildNames.Trainer(scope.Name), ChildNames.Router(scope.Name));
        await AccountAsync(scope, router, "router", cancellationToken);
        await AccountAsync(scope, trainer, "job", cancellationToken);
        await Child.EnsureAsync(
            cluster,
            new V1Role
            {
                ApiVersion = "rbac.authorization.k8s.io/v1",
                Kind = "Role",
                Metadata = Child.Metadata(scope, trainer, "job"),
                Rules = [new() { ApiGroups = [ApiNames.Group], Resources = [LoraExpert.PluralName + "/status"], Verbs = ["patch"] }],
            },
            _ => true,
            cancellationToken);
        await Child.EnsureAsync(
            cluster,
            new V1RoleBinding
            {
                ApiVersion = "rbac.authorization.k8s.io/v1",
                Kind = "RoleBinding",
                Metadata = Child.Metadata(scope, trainer, "job"),
                RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = trainer },
                Subjects = [new() { Kind = "ServiceAccount", Name = trainer, NamespaceProperty = scope.Namespace }],
            },
            _ => true,
            cancellationToken);
        return Outcome.Continue;
    }

    private Task<V1ServiceAccount> AccountAsync(BackboneScope scope, string name, string component, CancellationToken cancellationToken) =>
        Child.EnsureAsync(
            cluster,
            new V1ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = Child.Metadata(scope, name, component), AutomountServiceAccountToken = false },
            _ => true,
            cancellationToken);
}
