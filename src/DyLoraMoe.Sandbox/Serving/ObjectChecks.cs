using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Cel;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>Whether an object may be written as it is: its metadata, its schema, the rules of its kind.</summary>
internal static class ObjectChecks
{
    private const string Duplicate = "FieldValueDuplicate";
    private const string Required = "FieldValueRequired";

    /// <summary>Throws when it may not.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="item">The object as it is to be.</param>
    /// <param name="old">The object as it is, or null for a new one.</param>
    /// <param name="subresource">The part of it that is written, empty for all but the status.</param>
    public static void Require(ResourceKind kind, JsonObject item, JsonObject? old, string subresource)
    {
        List<FieldError> errors = kind.IsCustom ? OfCustom(kind, item, old, subresource == "status") : OfBuiltIn(kind, item, old, subresource == "status");
        if (errors.Count > 0)
        {
            // An object that has two forms is told by the one in which it is stored.
            throw ApiException.Invalid(kind.ToStored is null ? kind.Group : "", kind.Kind, item.Text("metadata", "name") ?? "", errors);
        }
    }

    private static List<FieldError> OfCustom(ResourceKind kind, JsonObject item, JsonObject? old, bool status)
    {
        List<FieldError> errors = [];
        MetadataChecks.Check(kind, item, errors);
        if (old is not null)
        {
            CheckChange(kind, item, old, status, errors);
        }
        else
        {
            SchemaValidation.Check(item, kind.Schema, "", errors);
        }

        if (!errors.Exists(error => error.Blocks))
        {
            RuleValidation.Check(item, old, kind.Schema, "", errors);
        }

        return errors;
    }

    /// <summary>The real server knows no schemas of built-in kinds: what rules say about a field, or which list may hold two of a key, is all there is to say.</summary>
    private static List<FieldError> OfBuiltIn(ResourceKind kind, JsonObject item, JsonObject? old, bool status)
    {
        List<FieldError> errors = [], shape = [];
        MetadataChecks.Check(kind, item, errors);
        CheckRules(kind, item, old, status, errors);
        SchemaValidation.Check(item, kind.Schema, "", shape);
        List<string> told = [.. errors.Select(error => error.Field)];
        errors.AddRange(shape.Where(error => error.Reason != Duplicate && !(error.Reason == Required && (error.Field.StartsWith("metadata.", StringComparison.Ordinal) || told.Exists(field => IsAtOrBelow(field, error.Field))))));
        return errors;
    }

    private static bool IsAtOrBelow(string field, string above) => field == above || field.StartsWith(above + ".", StringComparison.Ordinal);

    /// <summary>Who writes the status is not told what is wrong with the rest.</summary>
    private static void CheckRules(ResourceKind kind, JsonObject item, JsonObject? old, bool status, List<FieldError> errors)
    {
        if (status)
        {
            kind.Rules.ValidateStatus(item, errors);
            return;
        }

        kind.Rules.Validate(item, errors);
        if (old is not null)
        {
            kind.Rules.ValidateUpdate(item, old, errors);
        }
    }

    /// <summary>The schema of a custom resource may have become stricter since the object was written: what is not touched is not held against it.</summary>
    private static void CheckChange(ResourceKind kind, JsonObject item, JsonObject old, bool status, List<FieldError> errors)
    {
        List<FieldError> found = [];
        if (!status)
        {
            SchemaValidation.Check(item, kind.Schema, "", found, old);
        }
        else if (item["status"] is { } value && kind.Schema.Field("status") is { } schema)
        {
            SchemaValidation.Check(value, schema, "status", found, old["status"]);
        }

        // A list that held duplicates already may be mended item by item.
        if (found.Exists(error => error.Reason == Duplicate) && HasDuplicates(kind, old))
        {
            found.RemoveAll(error => error.Reason == Duplicate);
        }

        errors.AddRange(found);
    }

    private static bool HasDuplicates(ResourceKind kind, JsonObject item)
    {
        List<FieldError> errors = [];
        SchemaValidation.Check(item, kind.Schema, "", errors);
        return errors.Exists(error => error.Reason == Duplicate);
    }
}
