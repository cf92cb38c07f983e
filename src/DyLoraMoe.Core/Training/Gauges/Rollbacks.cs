using System.Globalization;

namespace DyLoraMoe.Core.Training;

/// <summary>The last good state of a run: what a roll back needs besides tensors.</summary>
/// <param name="Step">The step after which it was kept.</param>
/// <param name="OptimizerSteps">The optimizer's step counters.</param>
/// <param name="Watch">The smoothed loss of steps.</param>
internal sealed record GoodState(int Step, IReadOnlyList<long> OptimizerSteps, LossWatch Watch);

/// <summary>Keeps good states of a run, and goes back to the last one.</summary>
internal sealed class Rollbacks(RollbackOptions options, RunTensors tensors)
{
    /// <summary>Remembers the present state as good.</summary>
    /// <param name="state">The state.</param>
    /// <param name="isSure">Whether gauges told so. Otherwise the loss of the next batch has to, except at the start.</param>
    public RunState Keep(RunState state, bool isSure)
    {
        if (!isSure && state.Good is not null)
        {
            return state with { IsKeepDue = true };
        }

        tensors.Good.Keep();
        tensors.GoodMoments.Keep();
        return state with { IsKeepDue = false, Good = new GoodState(state.Step, tensors.OptimizerSteps, state.Watch) };
    }

    /// <summary>What the loss of a batch says is wrong with it or with the weights, before it moves them; null when nothing is.</summary>
    public string? Trouble(RunState state, double loss) => state.Watch.Trouble(options, loss);

    /// <summary>Takes a sound loss into account, before its step: remembers weights that waited for it, smooths it, and lets the rate recover.</summary>
    public RunState Took(RunState state, double loss) => (state.IsKeepDue ? Keep(state, isSure: true) : state) with
    {
        Watch = state.Watch.With(loss),
        RateFactor = Math.Min(1, state.RateFactor * Math.Pow(2, 1.0 / options.RecoverySteps)),
    };

    /// <summary>Goes back; null when the run has done so as often as it may.</summary>
    /// <param name="state">Where the run stands.</param>
    /// <param name="trouble">Why.</param>
    /// <returns>The state to go on from, and what to tell.</returns>
    public (RunState State, string Message)? GoBack(RunState state, string trouble)
    {
        if (state.Rollbacks >= options.MaxRollbacks || state.Good is not { } good)
        {
            return null;
        }

        tensors.Good.Return();
        tensors.GoodMoments.Return();
        tensors.SetOptimizerSteps(good.OptimizerSteps);
        var after = state with
        {
            Rollbacks = state.Rollbacks + 1,
            RateFactor = state.RateFactor * options.RateFactor,
            Watch = good.Watch,
            GaugedAt = state.Step,
            IsKeepDue = false,
        };
        return (after, string.Create(
            CultureInfo.InvariantCulture,
            $"{trouble}: back to the weights after step {good.Step}, steps left out since {state.Step - good.Step}, at {after.RateFactor:0.###} of the rate; roll back {after.Rollbacks} of {options.MaxRollbacks}"));
    }
}
