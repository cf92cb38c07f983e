using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Network policies, which the sandbox keeps but does not enforce.</summary>
internal sealed class NetworkPolicyRules : KindRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is not { } spec)
        {
            return;
        }

        spec.Default("policyTypes", spec.Items("egress").Count > 0 ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress"));
        foreach (JsonObject port in spec.Items("ingress").Concat(spec.Items("egress")).SelectMany(rule => rule.Items("ports")).OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
        }
    }
}
