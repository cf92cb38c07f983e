using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What a kind does beyond its schema: defaults, fields that the server fills, validation, how it is deleted.</summary>
internal class KindRules
{
    /// <summary>A kind without rules of its own.</summary>
    public static KindRules None { get; } = new();

    /// <summary>Whether a change of anything but metadata and status counts up <c>metadata.generation</c>.</summary>
    public virtual bool HasGeneration => true;

    /// <summary>What a deletion does to dependents when the client does not say: null leaves them to the collector.</summary>
    public virtual string? DefaultPropagation => null;

    /// <summary>Whether a deletion answers with the object instead of a Status.</summary>
    public virtual bool ReturnsDeleted => false;

    /// <summary>Whether PUT to a name that does not exist creates it.</summary>
    public virtual bool CreatesOnUpdate => false;

    /// <summary>Whether a name is a lower-case RFC 1123 subdomain; otherwise only a path segment.</summary>
    public virtual bool StrictName => true;

    /// <summary>Whether the status that comes with a new object is kept, though status has its own path.</summary>
    public virtual bool KeepsStatusOnCreate => false;

    /// <summary>Fills absent fields.</summary>
    public virtual void Default(JsonObject item)
    {
    }

    /// <summary>Fills what the server owns, before the object is created.</summary>
    public virtual void PrepareCreate(JsonObject item, KindContext context)
    {
    }

    /// <summary>Restores what the client may not change, before the object is updated.</summary>
    public virtual void PrepareUpdate(JsonObject item, JsonObject old, KindContext context)
    {
    }

    /// <summary>Checks an object, new or changed.</summary>
    public virtual void Validate(JsonObject item, List<FieldError> errors)
    {
    }

    /// <summary>Checks a status that is written by itself.</summary>
    public virtual void ValidateStatus(JsonObject item, List<FieldError> errors)
    {
    }

    /// <summary>Checks a change.</summary>
    public virtual void ValidateUpdate(JsonObject item, JsonObject old, List<FieldError> errors)
    {
    }

    /// <summary>Seconds that a deletion waits for somebody else to finish it; null or 0 deletes at once.</summary>
    public virtual long? GraceSeconds(JsonObject item, long? asked) => null;
}
