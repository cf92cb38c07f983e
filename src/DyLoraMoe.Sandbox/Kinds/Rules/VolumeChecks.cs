using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What makes the volumes of a pod, and where they are mounted, invalid.</summary>
internal static class VolumeChecks
{
    // In the order in which the real server meets them: of two, the later one is refused.
    private static readonly (string Source, string Needs)[] Sources =
    [
        ("emptyDir", ""), ("hostPath", "path"), ("secret", "secretName"), ("nfs", "server"), ("persistentVolumeClaim", "claimName"),
        ("downwardAPI", ""), ("configMap", "name"), ("projected", ""), ("csi", "driver"), ("ephemeral", ""),
    ];

    /// <summary>Checks volumes. The result are the names of those that are well.</summary>
    public static HashSet<string> Check(IList<JsonNode?> volumes, string path, List<FieldError> errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int at = 0; at < volumes.Count; at++)
        {
            string inner = $"{path}[{at}]";
            int known = errors.Count;
            Source(volumes[at], inner, errors);
            string name = volumes[at].Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Add(FieldError.Required($"{inner}.name"));
            }
            else if (NameRules.Label(name) is { } wrong)
            {
                errors.Add(FieldError.Invalid($"{inner}.name", name, wrong));
            }

            if (names.Contains(name))
            {
                errors.Add(FieldError.Duplicate($"{inner}.name", name));
            }

            if (errors.Count == known)
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary>Checks where a container mounts volumes.</summary>
    public static void Mounts(IList<JsonNode?> mounts, string path, HashSet<string> volumes, List<FieldError> errors)
    {
        HashSet<string> places = new(StringComparer.Ordinal);
        for (int at = 0; at < mounts.Count; at++)
        {
            string inner = $"{path}[{at}]";
            string name = mounts[at].Text("name") ?? "", place = mounts[at].Text("mountPath") ?? "";
            if (!volumes.Contains(name))
            {
                errors.Add(name.Length == 0 ? FieldError.Required($"{inner}.name") : FieldError.NotFound($"{inner}.name", name));
            }

            if (place.Length == 0)
            {
                errors.Add(FieldError.Required($"{inner}.mountPath"));
            }

            if (!places.Add(place))
            {
                errors.Add(FieldError.Invalid($"{inner}.mountPath", place, "must be unique"));
            }

            Inside(mounts[at].Text("subPath"), $"{inner}.subPath", errors);
        }
    }

    private static void Source(JsonNode? volume, string path, List<FieldError> errors)
    {
        bool any = false;
        foreach ((string name, string needs) in Sources)
        {
            if (volume.Map(name) is not { } source)
            {
                continue;
            }

            if (any)
            {
                errors.Add(FieldError.Forbidden($"{path}.{name}", "may not specify more than 1 volume type"));
                continue;
            }

            any = true;
            if (needs.Length > 0 && string.IsNullOrEmpty(source.Text(needs)))
            {
                errors.Add(FieldError.Required($"{path}.{name}.{needs}"));
            }

            Files(source, $"{path}.{name}", errors);
        }
    }

    private static void Files(JsonObject source, string path, List<FieldError> errors)
    {
        if (ResourceChecks.Amount(source["sizeLimit"]) < 0)
        {
            errors.Add(FieldError.Forbidden($"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity"));
        }

        Mode(source, "defaultMode", path, errors);
        IList<JsonNode?> items = source.Items("items");
        for (int at = 0; at < items.Count; at++)
        {
            if (string.IsNullOrEmpty(items[at].Text("path")))
            {
                errors.Add(FieldError.Required($"{path}.items[{at}].path"));
            }

            Inside(items[at].Text("path"), $"{path}.items[{at}].path", errors);
            Mode(items[at], "mode", $"{path}.items[{at}]", errors);
        }
    }

    private static void Mode(JsonNode? item, string field, string path, List<FieldError> errors)
    {
        if (item.Whole(field) is { } mode and (< 0 or > 511))
        {
            errors.Add(FieldError.Invalid($"{path}.{field}", mode, "must be a number between 0 and 0777 (octal), both inclusive"));
        }
    }

    private static void Inside(string? file, string path, List<FieldError> errors)
    {
        if (file?.StartsWith('/') == true)
        {
            errors.Add(FieldError.Invalid(path, file, "must be a relative path"));
        }
        else if (file?.Split('/').Contains("..") == true)
        {
            errors.Add(FieldError.Invalid(path, file, "must not contain '..'"));
        }
    }
}
