namespace DyLoraMoe.Core.Training;

/// <summary>The two phases of a run.</summary>
public enum TrainingPhase
{
    /// <summary>High rate: find the skill quickly.</summary>
    Seeding,

    /// <summary>Low rate: settle.</summary>
    Consolidation,
}
