using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Jobs;

/// <summary>
/// Who may start the next job of a backbone, when only so many may run at once: whoever has waited longest, urgent work before the rest. The order is
/// kept in memory; after a restart everybody asks again.
/// </summary>
internal sealed class JobSlots
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, List<Ticket>> _queues = [];

    /// <summary>
    /// Takes a slot when one is free and nobody has waited longer. A slot that was taken must be given back with <see cref="Return"/> once the Job
    /// itself can be counted.
    /// </summary>
    /// <param name="backbone">Whose jobs are counted.</param>
    /// <param name="subject">Kind and name of the one that asks.</param>
    /// <param name="isUrgent">Whether it goes before those that are not.</param>
    /// <param name="limit">How many may run at once.</param>
    /// <param name="running">How many do; asked for under the lock, so that two do not count at the same time.</param>
    public bool TryTake(ObjectKey backbone, string subject, bool isUrgent, int limit, Func<int> running)
    {
        lock (_gate)
        {
            var queue = _queues.TryGetValue(backbone, out var known) ? known : _queues[backbone] = [];
            var ticket = queue.Find(each => each.Subject == subject);
            if (ticket is null)
            {
                ticket = new(subject, isUrgent);
                var place = isUrgent ? queue.FindIndex(each => !each.IsUrgent) : -1;
                queue.Insert(place < 0 ? queue.Count : place, ticket);
            }

            ticket.IsAsked = true;
            var reserved = queue.Count(each => each.IsTaken && each != ticket);
            var waiting = queue.Where(each => !each.IsTaken).ToList();
            ticket.IsTaken = Math.Max(0, waiting.IndexOf(ticket)) < limit - running() - reserved;
            return ticket.IsTaken;
        }
    }

    /// <summary>The one that asked has its Job, or wants none any more.</summary>
    public void Return(ObjectKey backbone, string subject)
    {
        lock (_gate)
        {
            if (_queues.TryGetValue(backbone, out var queue) && queue.RemoveAll(each => each.Subject == subject) > 0 && queue.Count == 0)
            {
                _queues.Remove(backbone);
            }
        }
    }

    /// <summary>A visit begins: what it does not ask for again by its end it does not want any more.</summary>
    /// <param name="ns">The namespace of the subject, and so of its backbone.</param>
    /// <param name="subject">Kind and name of the one that is visited.</param>
    public void Begin(string ns, string subject)
    {
        lock (_gate)
        {
            foreach (var ticket in TicketsOf(ns, subject))
            {
                ticket.IsAsked = false;
            }
        }
    }

    /// <summary>A visit ended that came to where it would have asked: a place in a queue that it left for something else goes.</summary>
    /// <param name="ns">The namespace of the subject.</param>
    /// <param name="subject">Kind and name of the one that was visited.</param>
    public void End(string ns, string subject)
    {
        lock (_gate)
        {
            foreach (var backbone in _queues.Where(pair => pair.Key.Namespace == ns && pair.Value.RemoveAll(each => each.Subject == subject && !each.IsAsked) > 0 && pair.Value.Count == 0).Select(pair => pair.Key).ToList())
            {
                _queues.Remove(backbone);
            }
        }
    }

    /// <summary>Who waits, in order.</summary>
    public IReadOnlyList<string> Waiting(ObjectKey backbone)
    {
        lock (_gate)
        {
            return _queues.TryGetValue(backbone, out var queue) ? [.. queue.Where(each => !each.IsTaken).Select(each => each.Subject)] : [];
        }
    }

    private IEnumerable<Ticket> TicketsOf(string ns, string subject) => _queues.Where(pair => pair.Key.Namespace == ns).SelectMany(pair => pair.Value).Where(each => each.Subject == subject);

    private sealed class Ticket(string subject, bool isUrgent)
    {
        public string Subject => subject;

        public bool IsUrgent => isUrgent;

        public bool IsTaken { get; set; }

        public bool IsAsked { get; set; }
    }
}
