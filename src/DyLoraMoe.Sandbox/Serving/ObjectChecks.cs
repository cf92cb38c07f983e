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

    /// <summary>Throws when it may not.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="item">The object as it is to be.</param>
    /// <param name="old">The object as it is, or null for a new one.</param>
    /// <param name="subresource">The part of it that is written, empty for all but the status.</param>
    public static void Require(ResourceKind kind, JsonObject item, JsonObject? old, string subresource)
    {
        List<FieldError> errors = [];
        MetadataChecks.Check(kind, item, errors);
        if (kind.IsCustom && old is not null)
        {
            CheckChange(kind, item, old, subresource == "status", errors);
        }
        else
        {
            SchemaValidation.Check(item, kind.Schema, "", errors);
        }

        if (!errors.Exists(error => error.Blocks))
        {
            kind.Rules.Validate(item, errors);
            if (old is not null)
            {
                kind.Rules.ValidateUpdate(item, old, errors);
            }

            if (kind.IsCustom)
            {
                RuleValidation.Check(item, old, kind.Schema, "", errors);
            }
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(kind.Group, kind.Kind, item.Text("metadata", "name") ?? "", errors);
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
