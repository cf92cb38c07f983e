using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;
using k8s.Models;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>Service accounts: jobs may report the progress of experts and nothing else, the router may nothing.</summary>
internal sealed class EnsureAccounts(Children children) : IPhase<BackboneScope>
{
    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(BackboneScope scope, CancellationToken cancellationToken)
    {
        var (trainer, router) = (ChildNames.Trainer(scope.Name), ChildNames.Router(scope.Name));
        await AccountAsync(scope, router, "router", cancellationToken);
        await AccountAsync(scope, trainer, "job", cancellationToken);
        await children.EnsureAsync(
            new V1Role
            {
                ApiVersion = "rbac.authorization.k8s.io/v1",
                Kind = "Role",
                Metadata = Children.Metadata(scope, trainer, "job"),
                Rules = [new() { ApiGroups = [ApiNames.Group], Resources = [LoraExpert.PluralName + "/status"], Verbs = ["patch"] }],
            },
            cancellationToken);
        await children.EnsureAsync(
            new V1RoleBinding
            {
                ApiVersion = "rbac.authorization.k8s.io/v1",
                Kind = "RoleBinding",
                Metadata = Children.Metadata(scope, trainer, "job"),
                RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = trainer },
                Subjects = [new() { Kind = "ServiceAccount", Name = trainer, NamespaceProperty = scope.Namespace }],
            },
            cancellationToken);
        return Outcome.Continue;
    }

    private Task<V1ServiceAccount> AccountAsync(BackboneScope scope, string name, string component, CancellationToken cancellationToken) =>
        children.EnsureAsync(
            new V1ServiceAccount { ApiVersion = "v1", Kind = "ServiceAccount", Metadata = Children.Metadata(scope, name, component), AutomountServiceAccountToken = false },
            cancellationToken);
}
