namespace DyLoraMoe.Core.Training;

/// <summary>Loss or gradient is no longer a number.</summary>
public sealed class TrainingDivergedException : Exception
{
    /// <summary>Describes what was found.</summary>
    /// <param name="step">The step in which it showed.</param>
    /// <param name="what">What is not finite.</param>
    public TrainingDivergedException(int step, string what)
        : base($"{what} is not a finite number at step {step}. Lower the rates, lengthen the warm-up or set a smaller ClipNorm; the checkpoint before, if there is one, is sound.") =>
        Step = step;

    /// <summary>The step in which it showed.</summary>
    public int Step { get; }
}
