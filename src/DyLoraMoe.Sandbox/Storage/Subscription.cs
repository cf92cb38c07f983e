using System.Threading.Channels;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>A reader's place in the stream of writes to one collection.</summary>
internal sealed class Subscription(StoreView start, Action<Subscription> leave) : IDisposable
{
    private const int LargestBacklog = 100_000;
    private readonly Channel<StoreEvent> _channel = Channel.CreateUnbounded<StoreEvent>();

    /// <summary>The state just before the first event.</summary>
    public StoreView Start { get; } = start;

    /// <summary>The events, in order and without gaps. It ends when the reader fell too far behind or the store closed.</summary>
    public ChannelReader<StoreEvent> Events => _channel.Reader;

    /// <summary>Hands the reader one more event.</summary>
    public void Push(StoreEvent change)
    {
        if (_channel.Reader.Count >= LargestBacklog || !_channel.Writer.TryWrite(change))
        {
            End();
        }
    }

    /// <summary>Ends the stream.</summary>
    public void End() => _channel.Writer.TryComplete();

    /// <inheritdoc/>
    public void Dispose() => leave(this);
}
