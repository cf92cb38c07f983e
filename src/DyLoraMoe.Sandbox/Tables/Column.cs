using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Tables;

/// <summary>One column of the table that <c>kubectl get</c> prints.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Value">The cell of an object at a moment: text, number, boolean or null.</param>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Priority">0 is always shown, more only with <c>-o wide</c>.</param>
/// <param name="Description">What the column tells.</param>
/// <param name="Format">The format; <c>name</c> for the object's name.</param>
internal sealed record Column(string Name, Func<JsonObject, DateTimeOffset, JsonNode?> Value, string Type = "string", int Priority = 0, string Description = "", string Format = "");
