using System.Globalization;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// Progress for people: on a terminal one line that is written over, elsewhere plain lines, at most four a minute but for the
/// first and the last.
/// </summary>
/// <param name="output">Where the lines go.</param>
/// <param name="isTerminal">Whether <paramref name="output"/> understands a carriage return.</param>
/// <param name="time">The clock.</param>
public sealed class ConsoleProgress(TextWriter output, bool isTerminal, TimeProvider time) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LiveQuiet = TimeSpan.FromMilliseconds(100);

    private long? _last;
    private int _liveWidth;

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var isAlways = value.Kind is ProgressKind.Started or ProgressKind.Resumed or ProgressKind.Finished or ProgressKind.Interrupted or ProgressKind.Warning or ProgressKind.RolledBack;
        if (!isAlways && _last is { } last && time.GetElapsedTime(last) < (isTerminal ? LiveQuiet : Quiet) && !(isTerminal && value.Message is not null))
        {
            return;
        }

        _last = time.GetTimestamp();
        var line = Line(value);
        if (isTerminal && value.Message is null && value.Kind is ProgressKind.Stepped or ProgressKind.Evaluated)
        {
            output.Write("\r" + line.PadRight(_liveWidth));
            _liveWidth = line.Length;
        }
        else
        {
            output.WriteLine(_liveWidth > 0 ? "\r" + line.PadRight(_liveWidth) : line);
            _liveWidth = 0;
        }

        output.Flush();
    }

    private static string Line(TrainingProgress value)
    {
        var culture = CultureInfo.InvariantCulture;
        var parts = new List<string> { value.TotalSteps is { } total ? $"step {value.Step}/{total}" : string.Create(culture, $"step {value.Step} ({value.Fraction:0%})") };
        parts.Add(value.Phase == TrainingPhase.Seeding ? "seeding" : "consolidation");
        Add(value.Loss, "loss {0:0.0000}");
        Add(value.ValidationLoss, "held-out {0:0.0000}");
        Add(value.TokensPerSecond, "{0:N0} tokens/s");
        if (value.Rate > 0)
        {
            Add(value.Rate, "rate {0:0.0e-0}");
        }

        if (value.Remaining is { } left && value.Kind is not (ProgressKind.Finished or ProgressKind.Interrupted))
        {
            parts.Add("ETA " + left.ToString(left.TotalHours >= 1 ? @"d\.hh\:mm\:ss" : @"m\:ss", culture));
        }

        parts.Add(value.Kind switch
        {
            ProgressKind.Started => "started",
            ProgressKind.Resumed => $"goes on from {value.Message}",
            ProgressKind.Checkpointed => $"checkpoint {value.Message}",
            ProgressKind.Warning => $"warning: {value.Message}",
            ProgressKind.RolledBack => $"rolled back: {value.Message}",
            ProgressKind.Interrupted => "interrupted",
            ProgressKind.Finished => "finished",
            _ => value.Message ?? "",
        });
        return string.Join(" · ", parts.Where(part => part.Length > 0));

        void Add(double? number, string format)
        {
            if (number is { } known)
            {
                parts.Add(string.Format(culture, format, known));
            }
        }
    }
}
