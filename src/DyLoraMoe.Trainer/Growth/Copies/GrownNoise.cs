using System.Text.Json;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Growth;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Trainer.CommandLine;

namespace DyLoraMoe.Trainer.Growth.Copies;

/// <summary>What is new in a folder that <c>dylora grow</c> made, so that noise goes there and nowhere else.</summary>
internal static class GrownNoise
{
    /// <summary>How the student grew out of the teacher.</summary>
    /// <param name="student">The grown folder.</param>
    /// <param name="teacher">The folder that it must have grown from.</param>
    /// <exception cref="UsageException">It did not.</exception>
    public static GrowthPlan PlanOf(string student, string teacher)
    {
        var path = Path.Combine(student, GrownFolder.RecordFile);
        if (!File.Exists(path))
        {
            throw new UsageException($"--noise goes into what growth added, but {student} was not made by 'dylora grow': it has no {GrownFolder.RecordFile}.");
        }

        var (record, digest) = (Read(path), BackboneDigest.Of(teacher));
        if (record.From != digest)
        {
            throw new UsageException($"--noise: {student} was grown from the backbone {record.From}, but the teacher is {digest}; name the one that it was grown from.");
        }

        return GrowthPlan.Of(ModelConfigFile.Read(teacher), record.Plan.ToOperators());
    }

    private static (string? From, GrowthPlanFile Plan) Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return (document.RootElement.GetProperty("from").GetString(), JsonText.Parse<GrowthPlanFile>(document.RootElement.GetProperty("plan")));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is not what 'dylora grow' writes: {error.Message}", error);
        }
    }
}
