using System.Text;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Whether the parameters of a request make sense, before anything is done or looked up.</summary>
internal static class OptionChecks
{
    private const int LongestManager = 128;
    private static readonly string[] Validations = ["Ignore", "Strict", "Warn"];

    /// <summary>Throws when those of a write do not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="kind">What its parameters are called, such as CreateOptions.</param>
    /// <param name="apply">Whether it applies.</param>
    public static void CheckOptions(this ApiRequest request, string kind, bool apply = false)
    {
        List<FieldError> errors = [];
        if (kind == "PatchOptions" && !apply && request.Values("force").Count > 0)
        {
            errors.Add(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        }

        string manager = request.Query("fieldManager") ?? "";
        if (apply && manager.Length == 0)
        {
            errors.Add(FieldError.Required("fieldManager", "is required for apply patch"));
        }

        if (Encoding.UTF8.GetByteCount(manager) > LongestManager)
        {
            errors.Add(FieldError.TooLong("fieldManager", LongestManager));
        }

        if (manager.FirstOrDefault(char.IsControl) is not '\0' and var letter)
        {
            errors.Add(FieldError.Invalid("fieldManager", manager, $"invalid character U+{(int)letter:X4} (at position {manager.IndexOf(letter, StringComparison.Ordinal)})"));
        }

        DryRun(request.Values("dryRun"), errors);
        if (!Validations.Contains(request.FieldValidation))
        {
            errors.Add(FieldError.NotSupported("fieldValidation", request.FieldValidation, ["", .. Validations]));
        }

        Throw(kind, errors);
    }

    /// <summary>Throws when those of a deletion do not.</summary>
    public static void CheckDeletion(IReadOnlyList<string> dryRun, string? propagation, bool orphan)
    {
        List<FieldError> errors = [];
        if (orphan && propagation is not null)
        {
            errors.Add(FieldError.Invalid("propagationPolicy", propagation, "orphanDependents and deletionPropagation cannot be both set"));
        }

        if (propagation is not (null or "Foreground" or "Background" or "Orphan"))
        {
            errors.Add(FieldError.NotSupported("propagationPolicy", propagation, "Foreground", "Background", "Orphan", "nil"));
        }

        DryRun(dryRun, errors);
        Throw("DeleteOptions", errors);
    }

    /// <summary>Throws when those of a list or watch do not.</summary>
    public static void CheckList(this ApiRequest request, bool watch)
    {
        _ = request.Number("limit");
        _ = request.Number("timeoutSeconds");
        if (watch || request.Query("resourceVersionMatch") is not { } match)
        {
            return;
        }

        const string Field = "resourceVersionMatch";
        List<FieldError> errors = [];
        string version = request.Query("resourceVersion") ?? "";
        if (version.Length == 0)
        {
            errors.Add(FieldError.Forbidden(Field, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        }

        if (request.Query("continue") is not null)
        {
            errors.Add(FieldError.Forbidden(Field, "resourceVersionMatch is forbidden when continue is provided"));
        }

        if (match is not ("Exact" or "NotOlderThan"))
        {
            errors.Add(FieldError.NotSupported(Field, match, "Exact", "NotOlderThan", ""));
        }
        else if (match == "Exact" && version == "0")
        {
            errors.Add(FieldError.Forbidden(Field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }

        Throw("ListOptions", errors);
    }

    private static void DryRun(IReadOnlyList<string> values, List<FieldError> errors)
    {
        if (values.Any(value => value != "All"))
        {
            errors.Add(new FieldError("dryRun", "FieldValueNotSupported", $"Unsupported value: []string{{{string.Join(", ", values.Select(value => FieldError.Shown(value)))}}}: supported values: \"All\""));
        }
    }

    private static void Throw(string kind, List<FieldError> errors)
    {
        if (errors.Count > 0)
        {
            throw ApiException.Invalid("meta.k8s.io", kind, "", errors);
        }
    }
}
