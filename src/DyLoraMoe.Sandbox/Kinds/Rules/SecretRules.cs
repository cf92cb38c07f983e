using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Secrets, whose values may be written as text.</summary>
internal sealed class SecretRules : ConfigMapRules
{
    private static readonly Dictionary<string, string[]> Needs = new(StringComparer.Ordinal)
    {
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
    };

    /// <inheritdoc/>
    public override void Default(JsonObject item)
    {
        item.Default("type", "Opaque");
        if (item.Map("stringData") is { } texts)
        {
            JsonObject data = item.Ensure("data");
            foreach ((string key, JsonNode? value) in texts)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text() ?? ""));
            }

            item.Remove("stringData");
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        base.Validate(item, errors);
        string type = item.Text("type") ?? "";
        foreach (string key in Needs.GetValueOrDefault(type) ?? [])
        {
            if (item.At("data", key) is null)
            {
                errors.Add(FieldError.Required($"data[{key}]"));
            }
        }

        if (type == "kubernetes.io/basic-auth" && item.At("data", "username") is null && item.At("data", "password") is null)
        {
            errors.AddRange([FieldError.Required("data[username]"), FieldError.Required("data[password]")]);
        }

        if (type == "kubernetes.io/service-account-token" && string.IsNullOrEmpty(item.Text("metadata", "annotations", "kubernetes.io/service-account.name")))
        {
            errors.Add(FieldError.Required("metadata.annotations[kubernetes.io/service-account.name]"));
        }
    }

    /// <inheritdoc/>
    protected override string WholeField => "data";

    /// <inheritdoc/>
    protected override long Bytes(string value, string field) => Decoded(value);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
        base.ValidateUpdate(item, old, errors);
        if (!item["type"].Same(old["type"]))
        {
            errors.Add(FieldError.Invalid("type", item["type"], "field is immutable"));
        }
    }
}
