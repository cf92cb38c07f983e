using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes the resources that a container asks for invalid.</summary>
internal static class ResourceChecks
{
    private static readonly string[] OfContainers = ["cpu", "memory", "ephemeral-storage"];
    private static readonly string[] Standard = [.. OfContainers, "storage", "pods", "services", "secrets", "configmaps", "persistentvolumeclaims"];

    /// <summary>Checks requests and limits.</summary>
    public static void Check(JsonObject? resources, string path, List<FieldError> errors)
    {
        Dictionary<string, decimal> limits = Read(resources.Map("limits"), $"{path}.limits", errors);
        Dictionary<string, decimal> requests = Read(resources.Map("requests"), $"{path}.requests", errors);
        foreach ((string name, decimal amount) in requests)
        {
            if (!limits.TryGetValue(name, out decimal limit))
            {
                if (!MayBeMoreThanThere(name))
                {
                    errors.Add(FieldError.Required($"{path}.limits", "Limit must be set for non overcommitable resources"));
                }
            }
            else if (amount != limit && !MayBeMoreThanThere(name))
            {
                errors.Add(FieldError.Invalid($"{path}.requests", Shown(resources.At("requests", name)), $"must be equal to {name} limit"));
            }
            else if (amount > limit)
            {
                errors.Add(FieldError.Invalid($"{path}.requests", Shown(resources.At("requests", name)), $"must be less than or equal to {name} limit"));
            }
        }

        List<string> all = [.. limits.Keys, .. requests.Keys];
        if (all.Exists(IsHuge) && !all.Exists(name => name is "cpu" or "memory"))
        {
            errors.Add(FieldError.Forbidden(path, "HugePages require cpu or memory"));
        }
    }

    /// <summary>An amount, or null when it is none.</summary>
    public static decimal? Amount(JsonNode? quantity)
    {
        string text = Shown(quantity);
        try
        {
            return Formats.Accept("quantity", text) ? new ResourceQuantity(text).ToDecimal() : null;
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>An amount as it was written.</summary>
    public static string Shown(JsonNode? quantity) => quantity.Text() ?? JsonText.String(quantity);

    private static Dictionary<string, decimal> Read(JsonObject? amounts, string path, List<FieldError> errors)
    {
        Dictionary<string, decimal> read = new(StringComparer.Ordinal);
        foreach ((string name, JsonNode? quantity) in amounts ?? [])
        {
            string inner = $"{path}[{name}]";
            errors.AddRange(Wrong(name).Select(why => FieldError.Invalid(inner, name, why)));
            if (Amount(quantity) is not { } amount)
            {
                continue;
            }

            read[name] = amount;
            if (amount < 0)
            {
                errors.Add(FieldError.Invalid(inner, Shown(quantity), "must be greater than or equal to 0"));
            }
            else if (IsExtended(name) && amount != decimal.Truncate(amount))
            {
                errors.Add(FieldError.Invalid(inner, Shown(quantity), "must be an integer"));
            }
        }

        return read;
    }

    private static List<string> Wrong(string name)
    {
        List<string> wrong = [.. NameRules.QualifiedName(name)];
        bool plain = !name.Contains('/', StringComparison.Ordinal);
        if (wrong.Count == 0 && plain && !Standard.Contains(name) && !IsHuge(name))
        {
            wrong.Add("must be a standard resource type or fully qualified");
        }

        if (plain && !OfContainers.Contains(name) && !IsHuge(name))
        {
            wrong.Add("must be a standard resource for containers");
        }

        return wrong;
    }

    private static bool IsHuge(string name) => name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static bool IsExtended(string name) => name.Contains('/', StringComparison.Ordinal) && !name.Contains("kubernetes.io/", StringComparison.Ordinal);

    private static bool MayBeMoreThanThere(string name) => !IsExtended(name) && !IsHuge(name);
}
