namespace DyLoraMoe.Operator.Tests.World;

/// <summary>A connection that breaks when it is read from.</summary>
/// <param name="before">Called before it does.</param>
internal sealed class CutStream(Action before) : MemoryStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        before();
        throw new IOException("The connection was reset.");
    }
}
