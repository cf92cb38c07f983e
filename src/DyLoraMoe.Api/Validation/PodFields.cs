using DyLoraMoe.Api.Resources;
using k8s.Models;

namespace DyLoraMoe.Api.Validation;

/// <summary>Fields of Kubernetes' own types, as far as the CRDs bound them.</summary>
internal static class PodFields
{
    public static void Resources(ErrorList errors, string path, V1ResourceRequirements resources)
    {
        Quantities(errors, path + ".requests", resources.Requests);
        Quantities(errors, path + ".limits", resources.Limits);
    }

    public static void Toleration(ErrorList errors, string path, V1Toleration toleration)
    {
        FieldBounds.AtMost(errors, path + ".key", FieldBounds.Length(toleration.Key ?? ""), 316);
        FieldBounds.AtMost(errors, path + ".value", FieldBounds.Length(toleration.Value ?? ""), 63);
        FieldBounds.Choice(errors, path + ".operator", toleration.OperatorProperty, "Equal", "Exists");
        FieldBounds.Choice(errors, path + ".effect", toleration.Effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
    }

    /// <summary>Annotations and labels of pods, none of them the operator's own to set, and the labels of nodes that they look for: with keys that Kubernetes takes.</summary>
    public static void Metadata(ErrorList errors, string path, IDictionary<string, string>? annotations, IDictionary<string, string>? labels, IDictionary<string, string>? nodes)
    {
        Free(errors, path + ".podAnnotations", annotations);
        Free(errors, path + ".podLabels", labels);
        Keys(errors, path + ".podAnnotations", annotations, Patterns.AnnotationKey, "a domain and a slash");
        Keys(errors, path + ".podLabels", labels, Patterns.LabelKey, "a domain in lower case and a slash");
        Keys(errors, path + ".nodeSelector", nodes, Patterns.LabelKey, "a domain in lower case and a slash");
    }

    /// <summary>A number of pods from 0 to 1000, or a share.</summary>
    public static void CountOrShare(ErrorList errors, string path, IntOrString? value, string share)
    {
        if (value is null)
        {
            return;
        }

        var text = value.ToString() ?? "";
        var holds = long.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var count)
            ? count is >= 0 and <= 1000
            : FieldBounds.Matches(text, share);
        if (!holds)
        {
            errors.Add(path, share == Patterns.Share ? "a number from 0 to 1000 or a percentage of at most 100%" : "a number from 0 to 1000 or a percentage", ErrorList.Show(text), "write it so");
        }
    }

    /// <summary>Whether a number of pods, or share of them, is none.</summary>
    public static bool IsNone(IntOrString? value) => value?.ToString() is "0" or "0%";

    private static void Keys(ErrorList errors, string path, IDictionary<string, string>? map, string pattern, string before)
    {
        foreach (var key in map?.Keys.Where(key => !FieldBounds.Matches(key, Patterns.KeyLengths) || !FieldBounds.Matches(key, pattern)) ?? [])
        {
            errors.Add($"{path}.{key}", $"a key of at most 63 letters, digits, '-', '_' and '.', with a letter or a digit at either end, perhaps after {before}", ErrorList.Show(key), "write it so");
        }
    }

    private static void Free(ErrorList errors, string path, IDictionary<string, string>? map)
    {
        foreach (var key in map?.Keys.Where(PodMetadata.IsReserved) ?? [])
        {
            errors.Add($"{path}.{key}", "a key that the operator does not set itself", ErrorList.Show(key), "remove it, or choose another key");
        }
    }

    private static void Quantities(ErrorList errors, string path, IDictionary<string, ResourceQuantity>? quantities)
    {
        foreach (var (name, quantity) in quantities ?? new Dictionary<string, ResourceQuantity>())
        {
            var text = quantity.ToString();
            if (!FieldBounds.Matches(text, Patterns.Quantity))
            {
                errors.Add($"{path}.{name}", "a quantity of at least zero, such as 500m or 2Gi", ErrorList.Show(text), "write it so");
            }
        }
    }
}
