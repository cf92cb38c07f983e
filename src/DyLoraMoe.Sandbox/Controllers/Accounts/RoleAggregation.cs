using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Accounts;

/// <summary>Gives each cluster role with an aggregation rule the rules of the roles that it selects.</summary>
internal sealed class RoleAggregation : Controller<string>
{
    private readonly Informer<V1ClusterRole> _roles;

    public RoleAggregation(ClusterContext cluster)
        : base("RoleAggregation", cluster, workers: 1)
    {
        _roles = cluster.Informer<V1ClusterRole>();
        _roles.Changed += (_, _) =>
        {
            foreach (var role in _roles.All().Where(role => role.AggregationRule is not null))
            {
                Queue.Add(role.Metadata.Name);
            }
        };
    }

    protected override IEnumerable<IInformer> Sources => [_roles];

    /// <summary>The rules of the roles that a role selects, each once, by selector and then by name.</summary>
    public static IList<V1PolicyRule> Rules(V1ClusterRole role, IEnumerable<V1ClusterRole> all)
    {
        var others = all.Where(other => other.Metadata.Name != role.Metadata.Name).OrderBy(other => other.Metadata.Name, StringComparer.Ordinal).ToList();
        return [.. (role.AggregationRule.ClusterRoleSelectors ?? [])
            .SelectMany(selector => others.Where(other => selector.Matches(other.Metadata.Labels)))
            .SelectMany(other => other.Rules ?? [])
            .DistinctBy(rule => k8s.KubernetesJson.Serialize(rule))];
    }

    protected override async Task<TimeSpan?> ReconcileAsync(string key, CancellationToken cancellation)
    {
        if (_roles.Get(new ObjectKey("", key)) is { AggregationRule: not null } role && Rules(role, _roles.All()) is var rules
            && !ClusterContext.Same(rules, role.Rules ?? []))
        {
            var changed = ClusterContext.Copy(role);
            changed.Rules = rules;
            await Cluster.UpdateAsync(changed, null, cancellation);
        }

        return null;
    }
}
