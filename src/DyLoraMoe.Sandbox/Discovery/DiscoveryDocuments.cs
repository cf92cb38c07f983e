using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Kinds;
using DyLoraMoe.Sandbox.Serving;

namespace DyLoraMoe.Sandbox.Discovery;

/// <summary>The documents by which clients find out what is served.</summary>
internal sealed class DiscoveryDocuments(Cluster cluster, OpenApiDocuments schemas)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    /// <summary>The media type in which kubectl asks for OpenAPI 2.0 when it looks for a kind that OpenAPI 3.0 does not have.</summary>
    public const string SwaggerProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    /// <summary>A protobuf OpenAPI 2.0 document that says its version and title and knows no kind: what is there is in OpenAPI 3.0.</summary>
    public static byte[] EmptySwagger { get; } = [0x0a, 3, .. "2.0"u8, 0x12, 12, 0x0a, 10, .. "Kubernetes"u8];

    /// <summary>The version that the server says it has.</summary>
    public static JsonObject Version() => new()
    {
        ["major"] = "1",
        ["minor"] = "32",
        ["gitVersion"] = "v1.32.4+dylora-sandbox",
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "2025-04-22T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/amd64",
    };

    /// <summary>The document at a path, or null.</summary>
    public JsonNode? Find(string path, HttpRequest request)
    {
        KindCatalog catalog = cluster.Catalog;
        return path.Trim('/').Split('/') switch
        {
            ["api"] => IsAggregated(request) ? Groups(catalog, [""]) : new JsonObject
            {
                ["kind"] = "APIVersions",
                ["versions"] = new JsonArray("v1"),
                ["serverAddressByClientCIDRs"] = new JsonArray(),
            },
            ["apis"] => IsAggregated(request) ? Groups(catalog, catalog.Groups) : new JsonObject
            {
                ["kind"] = "APIGroupList",
                ["apiVersion"] = "v1",
                ["groups"] = new JsonArray([.. catalog.Groups.Select(group => Group(catalog, group))]),
            },
            ["api", var version] => Resources(catalog, "", version),
            ["apis", var group] when catalog.Groups.Contains(group) => Standalone(Group(catalog, group)),
            ["apis", var group, var version] => Resources(catalog, group, version),
            ["openapi", "v2"] => request.Headers.Accept.ToString() is { Length: > 0 } accept && !accept.Contains("json", StringComparison.Ordinal) && !accept.Contains("*/*", StringComparison.Ordinal)
                ? throw ApiException.NotAcceptable() : schemas.Swagger(),
            ["openapi", "v3"] => schemas.Index(),
            ["openapi", "v3", .. var rest] => schemas.Find(string.Join('/', rest)),
            [""] => new JsonObject { ["paths"] = new JsonArray("/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version") },
            _ => null,
        };
    }

    /// <summary>The media type of a document.</summary>
    public static string TypeOf(string path, HttpRequest request) => path.Trim('/') is "api" or "apis" && IsAggregated(request) ? Aggregated : MediaTypes.Json;

    private static bool IsAggregated(HttpRequest request) => request.Headers.Accept.ToString().Contains("v=v2;as=APIGroupDiscoveryList", StringComparison.Ordinal)
        || request.Headers.Accept.ToString().Contains("g=apidiscovery.k8s.io;v=v2;", StringComparison.Ordinal);

    private static JsonObject Groups(KindCatalog catalog, IEnumerable<string> groups) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. groups.Select(group => new JsonObject
        {
            ["metadata"] = group.Length == 0 ? new JsonObject { ["creationTimestamp"] = null } : new JsonObject { ["name"] = group, ["creationTimestamp"] = null },
            ["versions"] = new JsonArray([.. catalog.Versions(group).Select(version => new JsonObject
            {
                ["version"] = version,
                ["freshness"] = "Current",
                ["resources"] = new JsonArray([.. Of(catalog, group, version).Select(Discovered)]),
            })]),
        })]),
    };

    private static JsonObject Discovered(ResourceKind kind)
    {
        JsonObject result = new()
        {
            ["resource"] = kind.Plural,
            ["responseKind"] = Type(kind.Group, kind.Version, kind.Kind),
            ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = kind.Singular,
            ["verbs"] = Strings(kind.Verbs),
        };
        AddNames(result, kind);
        JsonArray subresources = new([.. Subresources.Of(kind).Select(sub => new JsonObject
        {
            ["subresource"] = sub.Name,
            ["responseKind"] = Type(sub.Group, sub.Version, sub.Kind),
            ["verbs"] = Strings(sub.Verbs),
        })]);
        if (subresources.Count > 0)
        {
            result["subresources"] = subresources;
        }

        return result;
    }

    private static JsonObject Group(KindCatalog catalog, string group)
    {
        List<JsonObject> versions = [.. catalog.Versions(group).Select(version => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version })];
        return new JsonObject { ["name"] = group, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private static JsonObject Standalone(JsonObject group)
    {
        group["kind"] = "APIGroup";
        group["apiVersion"] = "v1";
        return group;
    }

    private static JsonObject? Resources(KindCatalog catalog, string group, string version)
    {
        List<ResourceKind> kinds = [.. Of(catalog, group, version)];
        if (kinds.Count == 0)
        {
            return null;
        }

        JsonArray resources = [];
        foreach (ResourceKind kind in kinds)
        {
            JsonObject resource = new()
            {
                ["name"] = kind.Plural,
                ["singularName"] = kind.Singular,
                ["namespaced"] = kind.Namespaced,
                ["kind"] = kind.Kind,
                ["verbs"] = Strings(kind.Verbs),
            };
            AddNames(resource, kind);
            resources.Add((JsonNode)resource);
            foreach (SubresourceInfo sub in Subresources.Of(kind))
            {
                JsonObject below = new()
                {
                    ["name"] = $"{kind.Plural}/{sub.Name}",
                    ["singularName"] = "",
                    ["namespaced"] = kind.Namespaced,
                    ["kind"] = sub.Kind,
                    ["verbs"] = Strings(sub.Verbs),
                };
                if (sub.Group != kind.Group || sub.Version != kind.Version)
                {
                    below["group"] = sub.Group;
                    below["version"] = sub.Version;
                }

                resources.Add((JsonNode)below);
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private static IEnumerable<ResourceKind> Of(KindCatalog catalog, string group, string version) =>
        catalog.Kinds.Where(kind => kind.Group == group && kind.Version == version);

    private static void AddNames(JsonObject result, ResourceKind kind)
    {
        if (kind.ShortNames.Count > 0)
        {
            result["shortNames"] = Strings(kind.ShortNames);
        }

        if (kind.Categories.Count > 0)
        {
            result["categories"] = Strings(kind.Categories);
        }
    }

    private static JsonObject Type(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Strings(IEnumerable<string> items) => new([.. items.Select(item => (JsonNode?)item)]);
}
