using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Growth;
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

        var (record, digest) = (GrowthRecord.Read(student), BackboneDigest.Of(teacher));
        return record.From == digest
            ? record.ToPlan()
            : throw new UsageException($"--noise: {student} was grown from the backbone {record.From}, but the teacher is {digest}; name the one that it was grown from.");
    }
}
