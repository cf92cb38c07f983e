using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Traffic;

/// <summary>The shares that routers told last, and what a status says of them. In memory alone: after a restart a status keeps what it says until routers tell anew.</summary>
internal sealed class TrafficShares
{
    // A smaller change is no news, in percent: shares never stand quite still.
    private const int Step = 5;

    private volatile IReadOnlyDictionary<ObjectKey, IReadOnlyDictionary<string, double>> _shares = new Dictionary<ObjectKey, IReadOnlyDictionary<string, double>>();

    /// <summary>Takes what routers told. A backbone of which nobody could tell, or whose routers had no prompts yet, keeps what was.</summary>
    /// <param name="backbones">All there are.</param>
    /// <param name="told">By backbone.</param>
    public void Take(IEnumerable<ObjectKey> backbones, ILookup<ObjectKey, RouterTraffic> told)
    {
        var shares = new Dictionary<ObjectKey, IReadOnlyDictionary<string, double>>();
        foreach (var backbone in backbones)
        {
            if ((RouterTraffic.Mean(told[backbone]) ?? _shares.GetValueOrDefault(backbone)) is { } known)
            {
                shares[backbone] = known;
            }
        }

        _shares = shares;
    }

    /// <summary>The figure that comes after the one that a status has; that one again unless there is news.</summary>
    public int? Next(LoraExpert expert, LoraExpertStatus status)
    {
        if (status.AdmittedDigest is null)
        {
            return null;
        }

        var (shown, backbone) = (status.TrafficSharePercent, new ObjectKey(expert.Metadata.NamespaceProperty, expert.Spec.BackboneRef.Name));
        return _shares.GetValueOrDefault(backbone) is { } shares && shares.TryGetValue(expert.Metadata.Name, out var share) ? After(shown, 100 * share) : shown;
    }

    // From nothing to something and back is always news, but not for one that goes to and fro between the two.
    private static int? After(int? shown, double percent)
    {
        var figure = (int)Math.Round(percent, MidpointRounding.AwayFromZero);
        var isNews = shown switch
        {
            null => true,
            0 => percent >= 1,
            { } old => figure == 0 || Math.Abs(figure - old) >= Step,
        };
        return isNews ? figure : shown;
    }
}
