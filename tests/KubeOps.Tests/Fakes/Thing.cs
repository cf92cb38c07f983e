using k8s.Models;
using KubeOps.Abstractions.Entities;

namespace KubeOps.Tests.Fakes;

/// <summary>A kind of the tests.</summary>
[KubernetesEntity(Group = "test.dev", ApiVersion = "v1", Kind = "Thing", PluralName = "things")]
public sealed class Thing : CustomKubernetesEntity<ThingSpec, ThingStatus>
{
    public static Thing Named(string name, int value = 0, string? @namespace = "default", string? color = null) => new()
    {
        ApiVersion = "test.dev/v1",
        Kind = "Thing",
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = @namespace,
            Labels = color is null ? null : new Dictionary<string, string> { ["color"] = color },
        },
        Spec = new ThingSpec { Value = value },
    };
}

public sealed class ThingSpec
{
    public int Value { get; set; }
}

public sealed class ThingStatus
{
    public int Seen { get; set; }
}
