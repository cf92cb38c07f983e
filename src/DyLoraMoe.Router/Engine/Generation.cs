using System.Threading.Channels;

namespace DyLoraMoe.Router.Engine;

/// <summary>The sequences of one request on their way.</summary>
/// <param name="sequences">The sequences.</param>
/// <param name="events">What happens to them, in the order in which it happens.</param>
/// <param name="wake">Tells the engine to look.</param>
internal sealed class Generation(IReadOnlyList<Sequence> sequences, ChannelReader<SequenceEvent> events, Action wake) : IDisposable
{
    private int _ended;

    /// <summary>How many sequences.</summary>
    public int Count => sequences.Count;

    /// <summary>Everything that happens until the last sequence has ended.</summary>
    /// <param name="cancellation">Gives up waiting; dispose to end the sequences themselves.</param>
    public async IAsyncEnumerable<SequenceEvent> Events([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        while (_ended < Count)
        {
            var next = await events.ReadAsync(cancellation).ConfigureAwait(false);
            if (next is SequenceFinished or SequenceFailed)
            {
                _ended++;
            }

            yield return next;
        }
    }

    /// <summary>Lets go of whatever has not ended, so that its slots become free.</summary>
    public void Dispose()
    {
        if (_ended < Count)
        {
            foreach (var sequence in sequences)
            {
                sequence.Cancel();
            }

            wake();
        }
    }
}
