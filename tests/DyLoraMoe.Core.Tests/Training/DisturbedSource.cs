using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Tests.Training;

/// <summary>Sound batches, of which those from one to before another are replaced.</summary>
internal sealed class DisturbedSource(IBatchSource sound, IBatchSource disturbing, long from, long until) : IBatchSource
{
    public BatchSourceState State => sound.State;

    public double EpochsSeen => sound.EpochsSeen;

    public PackedBatch Next()
    {
        var isDisturbed = sound.State.Batches >= from && sound.State.Batches < until;
        var batch = sound.Next();
        return isDisturbed ? disturbing.Next() : batch;
    }

    public void Restore(BatchSourceState state)
    {
        sound.Restore(state);
        for (var at = from; at < Math.Min(until, state.Batches); at++)
        {
            disturbing.Next();
        }
    }
}
