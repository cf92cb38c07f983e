using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeOps.Tests.Fakes;

/// <summary>What a list or a watch asks for.</summary>
/// <param name="Collection">How the keys of its objects begin.</param>
/// <param name="Labels">A label selector.</param>
/// <param name="Fields">A field selector.</param>
internal sealed record Selection(string Collection, string? Labels, string? Fields)
{
    public static Selection Of(IQueryCollection query, string collection) => new(collection, query["labelSelector"], query["fieldSelector"]);

    public bool Holds(string key, JsonObject item) => key.StartsWith(Collection, StringComparison.Ordinal) && HoldsLabels(item) && HoldsFields(item);

    private bool HoldsLabels(JsonObject item)
    {
        var own = item["metadata"]!["labels"]?.AsObject();
        foreach (var given in (Labels ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            // "key in (value)" is "key=value" in other words.
            var term = given.Replace(" in (", "=", StringComparison.Ordinal).TrimEnd(')');
            var parts = term.Split('=');
            var value = own?[parts[0].TrimStart('!')]?.ToString();
            if (term.StartsWith('!') ? value is not null : parts.Length == 1 ? value is null : value != parts[1])
            {
                return false;
            }
        }

        return true;
    }

    private bool HoldsFields(JsonObject item) => (Fields ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(term => term.Split('='))
        .All(term => term[0] == "metadata.name" && item["metadata"]!["name"]!.ToString() == term[1]);
}
