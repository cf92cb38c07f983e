namespace DyLoraMoe.Router.Engine;

/// <summary>How fast a queue has been emptied lately. What is taken out has got the slot of something that was completed, so that is how fast answers are completed, too.</summary>
/// <param name="time">The clock.</param>
internal sealed class Departures(TimeProvider time)
{
    private const int Most = 256;

    private static readonly TimeSpan _lately = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);

    private readonly Queue<long> _latest = new();

    /// <summary>Counts one.</summary>
    public void Add()
    {
        if (_latest.Count == Most)
        {
            _latest.Dequeue();
        }

        _latest.Enqueue(time.GetTimestamp());
    }

    /// <summary>How long it takes until so many have left, if they leave as fast as lately: from a second to a minute.</summary>
    public TimeSpan TimeFor(int waiting)
    {
        while (_latest.TryPeek(out var oldest) && time.GetElapsedTime(oldest) > _lately)
        {
            _latest.Dequeue();
        }

        if (_latest.Count == 0)
        {
            return _lately;
        }

        var since = time.GetElapsedTime(_latest.Peek());
        var each = (since > _shortest ? since : _shortest) / _latest.Count;
        var estimate = each * waiting;
        return estimate < _shortest ? _shortest : estimate > _lately ? _lately : estimate;
    }
}
