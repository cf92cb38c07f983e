using System.Text.Json;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>A lesson as a person would apply it.</summary>
internal static class SkillManifest
{
    private static readonly JsonSerializerOptions _readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The Skill with its samples in it.</summary>
    /// <param name="lesson">The lesson.</param>
    /// <param name="backbone">Who learns it.</param>
    /// <param name="steps">Optimizer steps.</param>
    public static JsonObject Of(Lesson lesson, string backbone, int steps) => new()
    {
        ["apiVersion"] = ApiNames.GroupVersion,
        ["kind"] = Skill.KindName,
        ["metadata"] = new JsonObject { ["name"] = lesson.Skill },
        ["spec"] = new JsonObject
        {
            ["backboneRef"] = new JsonObject { ["name"] = backbone },
            ["data"] = new JsonObject { ["inline"] = Lines(lesson.Samples), ["format"] = DataFormats.JsonLines },
            ["training"] = new JsonObject { ["recipe"] = new JsonObject { ["steps"] = steps } },
        },
    };

    /// <summary>Samples as a file of JSON lines.</summary>
    public static string Lines(IEnumerable<Sample> samples) => string.Concat(samples.Select(sample =>
        JsonSerializer.Serialize(new { prompt = sample.Prompt, answer = sample.Answer }, _readable) + "\n"));
}
