using DyLoraMoe.Sandbox.Controllers.Machinery;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Controllers.Deployments;

/// <summary>What matters of a ReplicaSet for a rollout.</summary>
internal sealed record SetSize(string Name, int Replicas, int Available, DateTime Created)
{
    public static SetSize Of(V1ReplicaSet set) => new(
        set.Metadata.Name, set.Spec.Replicas ?? 1, set.Status?.AvailableReplicas ?? 0, set.Metadata.CreationTimestamp ?? DateTime.MinValue);
}

/// <summary>
/// The arithmetic of a rolling update: never more than replicas + surge pods, never fewer than replicas - unavailable
/// available ones.
/// </summary>
internal sealed record RollingUpdate(int Replicas, int MaxSurge, int MaxUnavailable)
{
    public int MinAvailable => Replicas - MaxUnavailable;

    public int MaxTotal => Replicas + MaxSurge;

    public static RollingUpdate Of(V1Deployment deployment)
    {
        var replicas = deployment.Spec.Replicas ?? 1;
        if (deployment.Spec.Strategy?.Type == "Recreate")
        {
            return new RollingUpdate(replicas, 0, replicas);
        }

        var rolling = deployment.Spec.Strategy?.RollingUpdate;
        var surge = IntOrPercent.Of(rolling?.MaxSurge, replicas, roundUp: true, "25%");
        var unavailable = IntOrPercent.Of(rolling?.MaxUnavailable, replicas, roundUp: false, "25%");
        return new RollingUpdate(replicas, surge, surge == 0 && unavailable == 0 ? 1 : Math.Min(unavailable, replicas));
    }

    /// <summary>How large the new set may be now.</summary>
    public int NewSize(SetSize current, IReadOnlyList<SetSize> old)
    {
        if (current.Replicas >= Replicas)
        {
            return Replicas;
        }

        var total = current.Replicas + old.Sum(set => set.Replicas);
        return total >= MaxTotal ? current.Replicas : current.Replicas + Math.Min(MaxTotal - total, Replicas - current.Replicas);
    }

    /// <summary>How large each old set may be now: unhealthy pods go first, then the oldest sets.</summary>
    public IReadOnlyDictionary<string, int> OldSizes(SetSize current, IReadOnlyList<SetSize> old)
    {
        var sizes = old.ToDictionary(set => set.Name, set => set.Replicas);
        var total = current.Replicas + old.Sum(set => set.Replicas);
        var newUnavailable = current.Replicas - current.Available;
        var spare = total - MinAvailable - newUnavailable;
        if (spare <= 0)
        {
            return sizes;
        }

        foreach (var set in old.OrderBy(set => set.Created))
        {
            var unhealthy = Math.Min(spare, sizes[set.Name] - Math.Min(set.Available, sizes[set.Name]));
            sizes[set.Name] -= unhealthy;
            spare -= unhealthy;
        }

        var availableBeyondNeed = current.Available + old.Sum(set => Math.Min(set.Available, sizes[set.Name])) - MinAvailable;
        foreach (var set in old.OrderBy(set => set.Created))
        {
            if (availableBeyondNeed <= 0)
            {
                break;
            }

            var down = Math.Min(sizes[set.Name], availableBeyondNeed);
            sizes[set.Name] -= down;
            availableBeyondNeed -= down;
        }

        return sizes;
    }

    /// <summary>Spreads a change of the Deployment's size over its sets in proportion, the leftover to the largest.</summary>
    public IReadOnlyDictionary<string, int> Proportional(IReadOnlyList<SetSize> sets, int formerMaxTotal)
    {
        var allowed = Replicas > 0 ? MaxTotal : 0;
        var change = allowed - sets.Sum(set => set.Replicas);
        var ordered = change > 0
            ? sets.OrderByDescending(set => set.Replicas).ThenByDescending(set => set.Created).ToList()
            : [.. sets.OrderByDescending(set => set.Replicas).ThenBy(set => set.Created)];
        var sizes = ordered.ToDictionary(set => set.Name, set => set.Replicas);
        var left = change;
        foreach (var set in ordered)
        {
            var share = Replicas == 0
                ? -set.Replicas
                : (int)Math.Round((decimal)set.Replicas * allowed / Math.Max(1, formerMaxTotal), MidpointRounding.AwayFromZero) - set.Replicas;
            share = change > 0 ? Math.Clamp(share, 0, Math.Max(0, left)) : Math.Clamp(share, Math.Min(0, left), 0);
            sizes[set.Name] += share;
            left -= share;
        }

        if (ordered.Count > 0)
        {
            sizes[ordered[0].Name] = Math.Max(0, sizes[ordered[0].Name] + left);
        }

        return sizes;
    }
}
