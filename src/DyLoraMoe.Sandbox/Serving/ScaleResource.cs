using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Schemas;
using DyLoraMoe.Sandbox.Storage;
using DyLoraMoe.Sandbox.Tables;
using k8s.Models;

namespace DyLoraMoe.Sandbox.Serving;

/// <summary>The scale subresource: an object's replicas in the one form that autoscalers know.</summary>
internal sealed class ScaleResource(Cluster cluster, ObjectWriter writer)
{
    /// <summary>Reads the scale.</summary>
    public JsonObject Get(ApiRequest request)
    {
        StoredObject item = cluster.Store.View.Find(Cluster.Key(request.Kind, request.Namespace, request.Name)) ?? throw ApiException.NotFound(request.Kind, request.Name);
        return Of(request.Kind, Cluster.Show(request.Kind, item));
    }

    /// <summary>Writes the scale that <paramref name="change"/> makes of the present one.</summary>
    public async Task<JsonObject> UpdateAsync(ApiRequest request, Func<JsonObject, JsonObject> change)
    {
        (JsonObject item, _) = await writer.UpdateAsync(request, old =>
        {
            if (old is null)
            {
                throw ApiException.NotFound(request.Kind, request.Name);
            }

            JsonObject scale = change(Of(request.Kind, old));
            if (ModelTypes.Wrong(scale, ModelSchemas.Of(typeof(V1Scale)), "Scale") is { } wrong)
            {
                throw request.Http.Request.Method == "PATCH"
                    ? ObjectPatcher.Refused(scale, wrong) : ApiException.BadRequest($"Scale in version \"v1\" cannot be handled as a Scale: {wrong}");
            }

            if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != old.Text("metadata", "resourceVersion"))
            {
                throw ApiException.Modified(request.Kind, request.Name);
            }

            long replicas = scale.Whole("spec", "replicas") ?? 0;
            if (replicas < 0)
            {
                throw ApiException.Invalid("autoscaling", "Scale", request.Name, [FieldError.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
            }

            string[] path = Steps(request.Kind.Scale!.SpecReplicas);
            old.Ensure(path.AsSpan()[..^1])[path[^1]] = replicas;
            return old;
        }).ConfigureAwait(false);
        return Of(request.Kind, item);
    }

    private static JsonObject Of(ResourceKind kind, JsonObject item)
    {
        ScalePaths paths = kind.Scale!;
        JsonObject status = new() { ["replicas"] = item.Whole(Steps(paths.StatusReplicas)) ?? 0 };
        if (paths.LabelSelector.Length > 0 && item.At(Steps(paths.LabelSelector)) is { } selector)
        {
            status["selector"] = selector.Text() ?? Cells.Selector(selector);
        }

        JsonObject metadata = [];
        foreach (string name in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (item.At("metadata", name) is { } value)
            {
                metadata[name] = value.DeepClone();
            }
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = item.Whole(Steps(paths.SpecReplicas)) ?? 0 },
            ["status"] = status,
        };
    }

    private static string[] Steps(string path) => path.TrimStart('.').Split('.');
}
