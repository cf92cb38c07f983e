using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Schemas;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>Events, which are served in two forms and stored in the older one.</summary>
internal sealed class EventRules : KindRules
{
    private static readonly (string Core, string Events)[] Renamed =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    /// <inheritdoc/>
    public override bool HasGeneration => false;

    /// <inheritdoc/>
    public override bool StrictName => false;

    /// <inheritdoc/>
    public override void Validate(JsonObject item, List<FieldError> errors)
    {
        bool newer = item.Text("apiVersion") != "v1";
        JsonObject stored = newer ? ToCoreV1(item) : item;
        string space = stored.Text("metadata", "namespace") ?? "", about = stored.Text("involvedObject", "namespace") ?? "";
        bool timed = stored.Text("eventTime") is { Length: > 0 };
        if (about.Length == 0 ? space != "default" && !(timed && space == "kube-system") : !timed && about != space)
        {
            errors.Add(FieldError.Invalid("involvedObject.namespace", about, "does not match event.namespace"));
        }

        if (timed)
        {
            EventChecks.Timed(stored, newer ? "reportingController" : "reportingComponent", errors);
        }
        else if (newer)
        {
            errors.Add(FieldError.Required("eventTime"));
        }

        if (newer)
        {
            EventChecks.Newer(stored, errors);
        }
    }

    /// <summary>The form of events.k8s.io/v1.</summary>
    public static JsonObject ToEventsV1(JsonObject stored) => Rename(stored, "events.k8s.io/v1", pair => pair.Core, pair => pair.Events);

    /// <summary>The form of v1.</summary>
    public static JsonObject ToCoreV1(JsonObject item) => Rename(item, "v1", pair => pair.Events, pair => pair.Core);

    private static JsonObject Rename(
        JsonObject item, string apiVersion, Func<(string Core, string Events), string> from, Func<(string Core, string Events), string> to)
    {
        JsonObject result = [];
        foreach ((string name, JsonNode? value) in item)
        {
            int at = Array.FindIndex(Renamed, pair => from(pair) == name);
            result[at < 0 ? name : to(Renamed[at])] = value?.DeepClone();
        }

        result["apiVersion"] = apiVersion;
        return result;
    }
}
