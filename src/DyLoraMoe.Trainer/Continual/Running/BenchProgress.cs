using System.Globalization;

namespace DyLoraMoe.Trainer.Continual.Running;

/// <summary>
/// Progress of several workers for people: on a terminal one line that is written over, elsewhere plain lines, at most four a
/// minute. Work is counted in tokens of the visits' budgets.
/// </summary>
/// <param name="output">Where the lines go.</param>
/// <param name="isTerminal">Whether <paramref name="output"/> understands a carriage return.</param>
/// <param name="time">The clock.</param>
internal sealed class BenchProgress(TextWriter output, bool isTerminal, TimeProvider time)
{
    private static readonly TimeSpan _quiet = TimeSpan.FromSeconds(15);
    private readonly Lock _writing = new();
    private long _total;
    private long _done;
    private long _begun;
    private long? _last;
    private int _width;

    /// <summary>Begins a phase of <paramref name="total"/> tokens.</summary>
    public void Begin(long total, string message)
    {
        lock (_writing)
        {
            (_total, _done, _begun) = (total, 0, time.GetTimestamp());
            Line(message, isLasting: true);
        }
    }

    /// <summary>Counts work that is done.</summary>
    public void Did(long tokens)
    {
        lock (_writing)
        {
            _done += tokens;
        }
    }

    /// <summary>Says what a worker is doing now.</summary>
    public void Say(string what)
    {
        lock (_writing)
        {
            if (!isTerminal && _last is { } last && time.GetElapsedTime(last) < _quiet)
            {
                return;
            }

            _last = time.GetTimestamp();
            Line($"{Share()}{what}", isLasting: !isTerminal);
        }
    }

    /// <summary>Says something that stays.</summary>
    public void Note(string message)
    {
        lock (_writing)
        {
            Line($"{Share()}{message}", isLasting: true);
        }
    }

    private string Share()
    {
        var seconds = time.GetElapsedTime(_begun).TotalSeconds;
        if (_total == 0)
        {
            return string.Empty;
        }

        var share = string.Create(CultureInfo.InvariantCulture, $"{100.0 * _done / _total:0} %");
        if (_done == 0 || seconds < 1)
        {
            return $"{share} · ";
        }

        var rate = _done / seconds;
        var left = TimeSpan.FromSeconds((_total - _done) / rate);
        return string.Create(CultureInfo.InvariantCulture, $"{share} · {rate:N0} tokens/s · ETA {(int)left.TotalHours}:{left:mm\\:ss} · ");
    }

    private void Line(string text, bool isLasting)
    {
        if (isTerminal)
        {
            output.Write("\r" + text.PadRight(_width) + (isLasting ? "\n" : string.Empty));
            _width = isLasting ? 0 : text.Length;
        }
        else
        {
            output.WriteLine(text);
        }

        output.Flush();
    }
}
