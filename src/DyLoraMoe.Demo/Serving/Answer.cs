using System.Globalization;
using System.Text.Json.Nodes;

namespace DyLoraMoe.Demo.Serving;

/// <summary>What came back for a prompt.</summary>
/// <param name="Text">The text.</param>
/// <param name="Experts">The experts that wrote it with their weights, the heaviest first.</param>
internal sealed record Answer(string Text, IReadOnlyList<(string Name, double Weight)> Experts)
{
    /// <summary>Who wrote most of it, such as <c>clock 97%</c>.</summary>
    public string Author => Experts.Count == 0 ? "backbone" : string.Create(CultureInfo.InvariantCulture, $"{Experts[0].Name} {Experts[0].Weight * 100:0}%");

    /// <summary>The answer in a completion.</summary>
    public static Answer Read(JsonObject completion) => new(
        ((string?)completion["choices"]?[0]?["text"] ?? "").Trim(),
        [.. (completion["dylora"]?["experts"]?.AsArray() ?? [])
            .Select(expert => ((string)expert!["name"]!, (double)expert["weight"]!))
            .OrderByDescending(expert => expert.Item2)]);
}
