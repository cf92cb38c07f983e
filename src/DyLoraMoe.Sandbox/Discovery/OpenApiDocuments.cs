using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Serving;

namespace DyLoraMoe.Sandbox.Discovery;

/// <summary>The OpenAPI documents: one for each group and version (3.0), and one of all definitions (2.0).</summary>
internal sealed class OpenApiDocuments(Cluster cluster)
{
    private static readonly string Build = typeof(OpenApiDocuments).Module.ModuleVersionId.ToString("N");
    private static readonly string[] BodyTypes = [MediaTypes.Json, "application/yaml"];
    private readonly ConditionalWeakTable<KindCatalog, Dictionary<string, JsonObject>> _documents = [];

    /// <summary>The list of documents. An address changes with its document, so that clients may keep what they read.</summary>
    public JsonObject Index()
    {
        KindCatalog catalog = cluster.Catalog;
        JsonObject paths = [];
        foreach (IGrouping<string, ResourceKind> kinds in catalog.Kinds.GroupBy(Path))
        {
            string hash = kinds.Any(kind => kind.IsCustom)
                ? Convert.ToHexString(SHA256.HashData(JsonText.Bytes(Document(catalog, kinds.Key))))
                : Build;
            paths[kinds.Key] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{kinds.Key}?hash={hash}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    /// <summary>The document of <c>api/v1</c> or <c>apis/group/version</c>, or null.</summary>
    public JsonObject? Find(string path)
    {
        KindCatalog catalog = cluster.Catalog;
        return catalog.Kinds.Any(kind => Path(kind) == path) ? Document(catalog, path) : null;
    }

    /// <summary>All definitions as OpenAPI 2.0.</summary>
    public JsonObject Swagger()
    {
        SchemaDocument document = new("#/definitions/", swagger: true);
        foreach (ResourceKind kind in cluster.Catalog.Kinds)
        {
            document.Add(NameOf(kind), kind.Schema, Types(kind));
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = Info(),
            ["paths"] = new JsonObject(),
            ["definitions"] = document.Definitions,
        };
    }

    private JsonObject Document(KindCatalog catalog, string path)
    {
        Dictionary<string, JsonObject> known = _documents.GetOrCreateValue(catalog);
        lock (known)
        {
            if (!known.TryGetValue(path, out JsonObject? document))
            {
                known[path] = document = Make([.. catalog.Kinds.Where(kind => Path(kind) == path)]);
            }

            return document;
        }
    }

    private static JsonObject Make(List<ResourceKind> kinds)
    {
        SchemaDocument document = new("#/components/schemas/", swagger: false);
        JsonObject paths = [];
        foreach (ResourceKind kind in kinds)
        {
            document.Add(NameOf(kind), kind.Schema, Types(kind));
            string collection = $"/{Path(kind)}{(kind.Namespaced ? "/namespaces/{namespace}" : "")}/{kind.Plural}";
            JsonObject many = new() { ["post"] = Operation(kind, "post", BodyTypes, ["dryRun", "fieldManager", "fieldValidation"]) };
            if (kind.Verbs.Contains("list"))
            {
                many["get"] = Operation(kind, "list", [], ["labelSelector", "fieldSelector", "limit", "continue", "watch"]);
                paths[collection + "/{name}"] = new JsonObject
                {
                    ["get"] = Operation(kind, "get", [], []),
                    ["put"] = Operation(kind, "put", BodyTypes, ["dryRun", "fieldManager", "fieldValidation"]),
                    ["patch"] = Operation(kind, "patch", ObjectPatcher.Types(kind), ["dryRun", "fieldManager", "fieldValidation", "force"]),
                    ["delete"] = Operation(kind, "delete", [], ["dryRun", "gracePeriodSeconds", "propagationPolicy"]),
                };
            }

            paths[collection] = many;
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = document.Definitions },
        };
    }

    private static JsonObject Operation(ResourceKind kind, string action, IEnumerable<string> bodies, IEnumerable<string> parameters)
    {
        JsonObject reference = new() { ["$ref"] = "#/components/schemas/" + NameOf(kind) };
        JsonObject operation = new()
        {
            ["parameters"] = new JsonArray([.. parameters.Select(name => new JsonObject { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true } })]),
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "OK", ["content"] = new JsonObject { [MediaTypes.Json] = new JsonObject { ["schema"] = reference } } },
            },
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = Type(kind),
        };
        JsonObject content = new(bodies.Select(type => KeyValuePair.Create<string, JsonNode?>(type, new JsonObject { ["schema"] = reference.DeepClone() })));
        if (content.Count > 0)
        {
            operation["requestBody"] = new JsonObject { ["content"] = content };
        }

        return operation;
    }

    private static string NameOf(ResourceKind kind) => kind.Schema.Definition.Length > 0
        ? kind.Schema.Definition
        : $"{string.Join('.', kind.Group.Split('.').Reverse())}.{kind.Version}.{kind.Kind}";

    private static string Path(ResourceKind kind) => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";

    private static JsonObject Type(ResourceKind kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonArray Types(ResourceKind kind) => new(Type(kind));

    private static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = "v1.32.4+dylora-sandbox" };
}
