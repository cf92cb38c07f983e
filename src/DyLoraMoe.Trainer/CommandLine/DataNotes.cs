using DyLoraMoe.Core.Data.Reading;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>What people are told of data that are not taken as they are: one line each, and none where nothing is lost.</summary>
internal static class DataNotes
{
    /// <summary>Reads data, and says how many rows were left out of them.</summary>
    /// <param name="data">Which files, and how.</param>
    /// <param name="say">Told so.</param>
    public static Dataset Read(this DataChoice data, Action<string> say)
    {
        var read = Dataset.Load(data.Files, data.Reading);
        if (read.Report is { Skipped: > 0 and var left, FirstErrors: [var first, ..] })
        {
            say($"rows left out: {left} of {read.Report.Rows}, the first because: {first}");
        }

        return read;
    }

    /// <summary>Says what a context cuts.</summary>
    /// <param name="say">Told so.</param>
    /// <param name="context">Most tokens of a sample.</param>
    /// <param name="prompts">Prompts that lost tokens on their left.</param>
    /// <param name="answers">Answers that lost tokens on their right.</param>
    public static void SayCut(Action<string> say, int context, long prompts, long answers)
    {
        if (prompts + answers > 0)
        {
            say($"the context of {context} tokens is too short: {prompts} prompts lost their beginning and {answers} answers their end");
        }
    }
}
