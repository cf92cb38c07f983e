using DyLoraMoe.Api;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Tests.World;

/// <summary>What tests of growths read.</summary>
internal static class Growths
{
    /// <summary>A condition of a Growth.</summary>
    public static (string Status, string Reason) Found(Growth growth, string type)
    {
        var found = growth.Status.Conditions.Find(type)!;
        return (found.Status, found.Reason);
    }

    /// <summary>Somebody asks for a Growth to be tried again.</summary>
    public static void Retry(OperatorWorld world, string name, string at = "now") =>
        world.Server.Change<Growth>(OperatorWorld.Namespace, name, found => found.Metadata.Annotations = new Dictionary<string, string> { [Annotations.RetryAt] = at });
}
