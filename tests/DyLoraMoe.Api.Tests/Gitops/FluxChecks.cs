using System.Text.Json.Nodes;
using DyLoraMoe.Api.Tests.Crds;
using DyLoraMoe.Testing.Resources;

namespace DyLoraMoe.Api.Tests.Gitops;

/// <summary>What Flux makes of a resource by the expressions of the Kustomization: in progress, failed and current, in this order.</summary>
internal static class FluxChecks
{
    private static readonly Dictionary<string, JsonNode> _checks =
        YamlJson.Read(Repository.Read("config/gitops/flux/kustomization.yaml")).Single()["spec"]!["healthCheckExprs"]!.AsArray()
            .ToDictionary(check => check!["kind"]!.GetValue<string>(), check => check!);

    public static string StatusOf(JsonObject resource)
    {
        var check = _checks[resource["kind"]!.GetValue<string>()];
        var variables = resource.ToDictionary(entry => entry.Key, entry => ApiServer.Value(entry.Value));
        foreach (var (expression, status) in new[] { ("inProgress", "InProgress"), ("failed", "Failed"), ("current", "Current") })
        {
            if (ApiServer.Evaluate(check[expression]!.GetValue<string>(), variables) is true)
            {
                return status;
            }
        }

        return "InProgress";
    }
}
