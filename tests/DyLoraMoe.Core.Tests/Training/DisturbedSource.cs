using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Tests.Training;

/// <summary>What goes wrong with a run's data.</summary>
internal enum Disturbance
{
    None,

    /// <summary>Three batches in a row are poisoned.</summary>
    Poison,

    /// <summary>A quarter of the batches has answers of chance.</summary>
    Noise,

    /// <summary>From a point on, everything is other data.</summary>
    Change,
}

/// <summary>Sound batches, of which some are replaced.</summary>
internal sealed class DisturbedSource(IBatchSource sound, IBatchSource disturbing, Disturbance disturbance) : IBatchSource
{
    private const int Poisoned = 50;
    private const int Changed = 40;

    public BatchSourceState State => sound.State;

    public double EpochsSeen => sound.EpochsSeen;

    public PackedBatch Next()
    {
        var at = sound.State.Batches;
        var batch = sound.Next();
        return IsDisturbed(at) ? disturbing.Next() : batch;
    }

    public void Restore(BatchSourceState state)
    {
        sound.Restore(state);
        for (var at = 0; at < state.Batches; at++)
        {
            if (IsDisturbed(at))
            {
                disturbing.Next();
            }
        }
    }

    private bool IsDisturbed(long at) => disturbance switch
    {
        Disturbance.Poison => at is >= Poisoned and < Poisoned + 3,
        Disturbance.Noise => at % 4 == 3,
        Disturbance.Change => at >= Changed,
        _ => false,
    };
}
