using System.Net;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

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

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        LabelChecks.Selector(item.At("spec", "podSelector"), "spec.podSelector", errors);
        CheckRules(item.Items("spec", "ingress"), "from", "spec.ingress", errors);
        CheckRules(item.Items("spec", "egress"), "to", "spec.egress", errors);
        IList<JsonNode?> types = item.Items("spec", "policyTypes");
        for (int at = 0; at < types.Count; at++)
        {
            ValueChecks.OneOf(types[at], $"spec.policyTypes[{at}]", true, errors, "Ingress", "Egress");
        }
    }

    private static void CheckRules(IList<JsonNode?> rules, string peers, string path, List<FieldError> errors)
    {
        for (int at = 0; at < rules.Count; at++)
        {
            IList<JsonNode?> ports = rules[at].Items("ports"), others = rules[at].Items(peers);
            for (int port = 0; port < ports.Count; port++)
            {
                ValueChecks.OneOf(ports[port].At("protocol"), $"{path}[{at}].ports[{port}].protocol", true, errors, "TCP", "UDP", "SCTP");
                if (ports[port].At("port") is { } number)
                {
                    ValueChecks.PortOrName(number, $"{path}[{at}].ports[{port}].port", errors);
                }
            }

            for (int peer = 0; peer < others.Count; peer++)
            {
                CheckPeer(others[peer], $"{path}[{at}].{peers}[{peer}]", errors);
            }
        }
    }

    private static void CheckPeer(JsonNode? peer, string path, List<FieldError> errors)
    {
        foreach (string selector in (ReadOnlySpan<string>)["podSelector", "namespaceSelector"])
        {
            LabelChecks.Selector(peer.At(selector), $"{path}.{selector}", errors);
        }

        if (peer.Text("ipBlock", "cidr") is { } range && !IPNetwork.TryParse(range, out _))
        {
            errors.Add(FieldError.Invalid($"{path}.ipBlock.cidr", range, "not a valid CIDR"));
        }
    }
}
