using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Services. Their addresses come from a controller, their ports of the node at once.</summary>
internal sealed class ServiceRules : KindRules
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override bool ReturnsDeleted => true;

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        if (item.Map("spec") is not { } spec)
        {
            return;
        }

        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        if (spec.Text("type") != "ExternalName")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
            spec.Default("ipFamilyPolicy", "SingleStack");
            spec.Default("ipFamilies", new JsonArray("IPv4"));
        }

        if (NodePorts.Needs(item))
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }

        if (spec.Text("type") == "LoadBalancer")
        {
            spec.Default("allocateLoadBalancerNodePorts", true);
        }

        foreach (JsonObject port in spec.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            port.Default("targetPort", port["port"]?.DeepClone());
        }
    }

    /// <inheritdoc/>
    public override void PrepareCreate(JsonObject item, KindContext context)
    {
        item["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        if (item.Text("spec", "clusterIP") == "None")
        {
            item.Ensure("spec").Default("clusterIPs", new JsonArray("None"));
        }

        NodePorts.Assign(item, null, context.View);
    }

    /// <inheritdoc/>
    public override void PrepareUpdate(JsonObject item, JsonObject old, KindContext context)
    {
        if (item.Map("spec") is { } spec && spec.Text("type") != "ExternalName")
        {
            spec.Default("clusterIP", old.At("spec", "clusterIP")?.DeepClone());
            spec.Default("clusterIPs", old.At("spec", "clusterIPs")?.DeepClone());
            foreach (string name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs"])
            {
                if (spec[name] is null)
                {
                    spec.Remove(name);
                }
            }
        }

        DropWhatTheTypeNoLongerHas(item, old);
        NodePorts.Assign(item, old, context.View);
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        if (item.Text("spec", "type") is { } type && !Types.Contains(type))
        {
            errors.Add(FieldError.NotSupported("spec.type", type, Types));
        }

        if (item.Text("spec", "type") == "NodePort" && item.Text("spec", "clusterIP") == "None")
        {
            errors.Add(FieldError.Invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services"));
        }

        LabelChecks.Labels(item.At("spec", "selector"), "spec.selector", errors);
        ValueChecks.OneOf(item.At("spec", "sessionAffinity"), "spec.sessionAffinity", true, errors, "ClientIP", "None");
        IList<JsonNode?> ports = item.Items("spec", "ports");
        if (ports.Count == 0 && item.Text("spec", "type") != "ExternalName" && item.Text("spec", "clusterIP") != "None")
        {
            errors.Add(FieldError.Required("spec.ports"));
        }

        for (int at = 0; at < ports.Count; at++)
        {
            if (ports[at].Whole("port") is not (> 0 and < 65536) and { } port)
            {
                errors.Add(FieldError.Invalid($"spec.ports[{at}].port", port, "must be between 1 and 65535, inclusive"));
            }

            if (item.Text("spec", "type") == "ClusterIP" && ports[at].Whole("nodePort") is not (null or 0))
            {
                errors.Add(FieldError.Forbidden($"spec.ports[{at}].nodePort", "may not be used when `type` is 'ClusterIP'"));
            }

            if (ports.Take(at).Any(other => other.Whole("nodePort") is not (null or 0) and { } number && number == ports[at].Whole("nodePort") && other.Text("protocol") == ports[at].Text("protocol")))
            {
                errors.Add(FieldError.Duplicate($"spec.ports[{at}].nodePort", ports[at].At("nodePort")));
            }

            CheckPort(ports, at, errors);
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        if (old.Text("spec", "clusterIP") is { Length: > 0 } before && item.Text("spec", "type") == old.Text("spec", "type")
            && item.Text("spec", "clusterIP") != before)
        {
            errors.Add(FieldError.Invalid("spec.clusterIPs[0]", item.At("spec", "clusterIP"), "may not change once set"));
        }
    }

    private static void CheckPort(IList<JsonNode?> ports, int at, List<FieldError> errors)
    {
        string path = $"spec.ports[{at}]", name = ports[at].Text("name") ?? "";
        if (name.Length == 0 && ports.Count > 1)
        {
            errors.Add(FieldError.Required($"{path}.name"));
        }
        else if (name.Length > 0 && NameRules.Label(name) is { } wrong)
        {
            errors.Add(FieldError.Invalid($"{path}.name", name, wrong));
        }
        else if (name.Length > 0 && ports.Take(at).Any(other => other.Text("name") == name))
        {
            errors.Add(FieldError.Duplicate($"{path}.name", name));
        }

        ValueChecks.OneOf(ports[at].At("protocol"), $"{path}.protocol", true, errors, "SCTP", "TCP", "UDP");
        if (ports[at].At("targetPort") is { } target && target.Whole() != 0)
        {
            ValueChecks.PortOrName(target, $"{path}.targetPort", errors);
        }

        if (ports.Take(at).Any(other => other.Whole("port") == ports[at].Whole("port") && other.Text("protocol") == ports[at].Text("protocol")))
        {
            errors.Add(FieldError.Duplicate(path, new JsonObject { ["protocol"] = ports[at].Text("protocol"), ["port"] = ports[at].Whole("port") }));
        }
    }

    private static void DropWhatTheTypeNoLongerHas(JsonObject item, JsonObject old)
    {
        foreach ((string name, bool had, bool has) in (ReadOnlySpan<(string, bool, bool)>)
        [
            ("externalTrafficPolicy", NodePorts.Needs(old), NodePorts.Needs(item)),
            ("allocateLoadBalancerNodePorts", old.Text("spec", "type") == "LoadBalancer", item.Text("spec", "type") == "LoadBalancer"),
        ])
        {
            if (had && !has && item.At("spec", name).Same(old.At("spec", name)))
            {
                item.RemoveAt("spec", name);
            }
        }
    }
}
