using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Growth.Experts;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Growth;

/// <summary><c>growth.json</c> beside grown weights: what they grew from and how. All that carrying experts over needs, without the smaller weights.</summary>
/// <param name="From">Digest of the backbone before.</param>
/// <param name="File">The plan.</param>
/// <param name="Before">The shape before.</param>
internal sealed record GrowthRecord(string From, GrowthPlanFile File, ModelConfig Before)
{
    /// <summary>The plan, checked against the shape before.</summary>
    public GrowthPlan ToPlan() => GrowthPlan.Of(Before, File.ToOperators());

    /// <summary>The record of a growth.</summary>
    /// <param name="plan">How the backbone grew.</param>
    /// <param name="file">The same as a plan file.</param>
    /// <param name="from">Digest of the backbone before.</param>
    /// <param name="before">How the backbone before is looked at.</param>
    /// <param name="former">Whose routers and descriptions stay true, since it computes the same; null for none.</param>
    public static JsonObject Of(GrowthPlan plan, GrowthPlanFile file, string from, BackboneDescriptions before, FormerDescriptions? former = null)
    {
        var record = new JsonObject
        {
            ["from"] = from,
            ["config"] = ModelConfigFile.ToJson(plan.Before),
            ["plan"] = JsonNode.Parse(JsonText.Of(file)),
            ["steps"] = new JsonArray([.. plan.Steps.Select(step => (JsonNode?)step.Description)]),
        };
        BackboneDescriptions.Write(record, GrownDescriptions.Of(plan, before.Features, before.Gradients), former);
        return record;
    }

    /// <summary>Reads the record of a grown backbone.</summary>
    /// <param name="folder">The backbone's folder.</param>
    /// <exception cref="InvalidDataException">There is none, or it is not what growth writes.</exception>
    public static GrowthRecord Read(string folder)
    {
        var path = Path.Combine(folder, GrownFolder.RecordFile);
        try
        {
            var json = JsonNode.Parse(System.IO.File.ReadAllText(path))!.AsObject();
            return new GrowthRecord(
                Part("from").GetValue<string>(),
                JsonText.Parse<GrowthPlanFile>(JsonSerializer.SerializeToElement(Part("plan"))),
                ModelConfigFile.Of(Part("config").AsObject()));

            JsonNode Part(string name) => json[name] ?? throw new JsonException($"'{name}' is missing");
        }
        catch (FileNotFoundException error)
        {
            throw new InvalidDataException($"{folder} has no {GrownFolder.RecordFile}: it was not made by growth.", error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ModelFormatException)
        {
            throw new InvalidDataException($"{path} is not what growth writes: {error.Message}", error);
        }
    }
}
