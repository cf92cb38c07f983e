using System.Text.Json;
using System.Text.Json.Serialization;
using DyLoraMoe.Core.Safetensors;

namespace DyLoraMoe.Core.Training;

/// <summary>
/// Progress as JSON, one report a line, appended and flushed. A run that goes on from a checkpoint takes back the lines of the
/// steps that it repeats, so that the file reads like that of one uninterrupted run.
/// </summary>
public sealed class TrainingLog : IProgress<TrainingProgress>, IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly string _path;
    private readonly TimeProvider _time;
    private StreamWriter? _writer;

    /// <summary>A log in a file, which is created with the first report or continued.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="time">The clock for the lines' time stamps.</param>
    public TrainingLog(string path, TimeProvider time)
    {
        _path = path;
        _time = time;
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Kind == ProgressKind.Resumed)
        {
            TakeBack(value.Step);
        }

        _writer ??= new StreamWriter(new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read));
        _writer.WriteLine(JsonSerializer.Serialize(new Entry(_time.GetUtcNow(), value), Json));
        _writer.Flush();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _writer?.Dispose();

    private void TakeBack(int lastStep)
    {
        _writer?.Dispose();
        _writer = null;
        if (!File.Exists(_path))
        {
            return;
        }

        var lines = File.ReadAllLines(_path);
        var runStart = Math.Max(0, Array.FindLastIndex(lines, line => Read(line)?.Kind == ProgressKind.Started));
        var kept = lines.Where((line, at) => at < runStart || Read(line)?.Step <= lastStep);
        AtomicFile.WriteText(_path, string.Concat(kept.Select(line => line + "\n")));
    }

    // A line that a crash cut short is nothing, and goes.
    private static TrainingProgress? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Entry>(line, Json)?.Progress;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Entry(DateTimeOffset Time, TrainingProgress Progress);
}
