using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DyLoraMoe.Sandbox.Schemas;

/// <summary>How server-side apply treats a list.</summary>
internal enum ListType
{
    /// <summary>One value: replaced whole.</summary>
    Atomic,

    /// <summary>Every item is its own key.</summary>
    Set,

    /// <summary>Items are told apart by some of their fields.</summary>
    Map,
}

/// <summary>
/// The shape of a value: what the custom resource's structural schema says, or, for built-in kinds, what the client's
/// model classes show. Everything that depends on a shape reads it here: pruning, defaults, validation, apply, patches, OpenAPI.
/// </summary>
internal sealed class Schema
{
    /// <summary>A value of any shape.</summary>
    public static Schema Any { get; } = new() { PreserveUnknown = true };

    /// <summary>object, array, string, integer, number, boolean; empty when anything is allowed.</summary>
    public string Type { get; set; } = "";

    /// <summary>The fields of an object.</summary>
    public Dictionary<string, Schema> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>The values of a map.</summary>
    public Schema? AdditionalProperties { get; set; }

    /// <summary>The items of a list.</summary>
    public Schema? Items { get; set; }

    /// <summary>The fields that must be there.</summary>
    public HashSet<string> Required { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether fields that are not described are kept.</summary>
    public bool PreserveUnknown { get; set; }

    /// <summary>Whether the value is a number or a string.</summary>
    public bool IntOrString { get; set; }

    /// <summary>Whether the value is an object with apiVersion, kind and metadata of its own.</summary>
    public bool EmbeddedResource { get; set; }

    /// <summary>Whether null is a value.</summary>
    public bool Nullable { get; set; }

    /// <summary>The value of an absent field.</summary>
    public JsonNode? Default { get; set; }

    /// <summary>The values that are allowed, or null for all.</summary>
    public IList<JsonNode?>? Enum { get; set; }

    /// <summary>The format of a string or number.</summary>
    public string Format { get; set; } = "";

    /// <summary>What a string must match.</summary>
    public Regex? Pattern { get; set; }

    /// <summary>The pattern as it was written.</summary>
    public string PatternText { get; set; } = "";

    /// <summary>Bounds of a number.</summary>
    public double? Minimum { get; set; }

    /// <summary>Bounds of a number.</summary>
    public double? Maximum { get; set; }

    /// <summary>Whether the minimum itself is not allowed.</summary>
    public bool ExclusiveMinimum { get; set; }

    /// <summary>Whether the maximum itself is not allowed.</summary>
    public bool ExclusiveMaximum { get; set; }

    /// <summary>What a number must be a multiple of.</summary>
    public double? MultipleOf { get; set; }

    /// <summary>Bounds of a string's length.</summary>
    public long? MinLength { get; set; }

    /// <summary>Bounds of a string's length.</summary>
    public long? MaxLength { get; set; }

    /// <summary>Bounds of a list's length.</summary>
    public long? MinItems { get; set; }

    /// <summary>Bounds of a list's length.</summary>
    public long? MaxItems { get; set; }

    /// <summary>Bounds of a map's size.</summary>
    public long? MinProperties { get; set; }

    /// <summary>Bounds of a map's size.</summary>
    public long? MaxProperties { get; set; }

    /// <summary>How apply treats the list.</summary>
    public ListType ListType { get; set; }

    /// <summary>The fields that tell the items of a <see cref="ListType.Map"/> apart.</summary>
    public IReadOnlyList<string> ListKeys { get; set; } = [];

    /// <summary>Whether apply treats the object as one value.</summary>
    public bool AtomicMap { get; set; }

    /// <summary>The field by which a strategic merge patch merges the list; empty when it replaces it.</summary>
    public string PatchMergeKey { get; set; } = "";

    /// <summary>How a strategic merge patch treats the field: merge, replace, retainKeys.</summary>
    public string PatchStrategy { get; set; } = "";

    /// <summary>Rules in the Common Expression Language.</summary>
    public List<ValidationRule> Rules { get; } = [];

    /// <summary>Value validations of which all must hold.</summary>
    public List<Schema> AllOf { get; } = [];

    /// <summary>Value validations of which one must hold.</summary>
    public List<Schema> AnyOf { get; } = [];

    /// <summary>Value validations of which exactly one must hold.</summary>
    public List<Schema> OneOf { get; } = [];

    /// <summary>A value validation that must not hold.</summary>
    public Schema? Not { get; set; }

    /// <summary>What the value means.</summary>
    public string Description { get; set; } = "";

    /// <summary>The name of the built-in definition that this is, such as <c>io.k8s.api.core.v1.PodSpec</c>; empty for none.</summary>
    public string Definition { get; set; } = "";

    /// <summary>The schema of a field, or null when there is none.</summary>
    public Schema? Field(string name) => Properties.GetValueOrDefault(name) ?? AdditionalProperties;

    /// <summary>Whether the value is a list.</summary>
    public bool IsArray => Type == "array";
}

/// <summary>One rule of <c>x-kubernetes-validations</c>.</summary>
/// <param name="Rule">The expression; it must be true.</param>
/// <param name="Message">What to say when it is false.</param>
/// <param name="MessageExpression">An expression for the message.</param>
/// <param name="Reason">The cause's reason.</param>
/// <param name="FieldPath">The field to name, relative to where the rule stands.</param>
/// <param name="OptionalOldSelf">Whether the rule also runs on creation, with oldSelf as an optional.</param>
internal sealed record ValidationRule(string Rule, string Message, string MessageExpression, string Reason, string FieldPath, bool OptionalOldSelf);
