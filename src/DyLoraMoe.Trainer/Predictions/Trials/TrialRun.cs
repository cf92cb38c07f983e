using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Trainer.Predictions.World;
using static TorchSharp.torch;

namespace DyLoraMoe.Trainer.Predictions.Trials;

/// <summary>Carries out one run of one arm: tests, training, tests.</summary>
/// <param name="folder">The backbone's folder.</param>
/// <param name="size">Shape of the run.</param>
/// <param name="time">The clock.</param>
internal sealed class TrialRun(string folder, TrialSize size, TimeProvider time)
{
    /// <summary>Runs it.</summary>
    /// <param name="options">What is run.</param>
    /// <param name="told">Called with the tokens of each step.</param>
    /// <param name="cancellation">Stops between steps.</param>
    public TrialResult Execute(TrialOptions options, Action<long> told, CancellationToken cancellation)
    {
        using var model = ModelFolder.Load(folder, ScalarType.Float32);
        var text = TextTokenizer.Load(folder);
        var training = OptionsOf(options);
        var tokenizer = new SampleTokenizer(new TextTokenSource(text), new TokenizeOptions { MaxTokens = size.RowLength + 1, Loss = LossOn.Answer });
        var taught = new SampleTokenizer(new TextTokenSource(text), new TokenizeOptions { MaxTokens = size.RowLength + 1, Loss = options.Loss });
        var world = new LetterWorld((ulong)options.Run);
        var examination = new Examination(world, tokenizer, size);
        using var adapter = options.IsActivatedAdapter ? LoraAdapter.Create(model, new LoraConfig { Mode = AdapterMode.Activated }, options.Run) : null;
        var examinee = new Examinee(model, text, adapter);
        var before = examination.Of(examinee with { Adapter = null }, cancellation);
        using var contexts = examinee.Encoded(examination.Contexts);
        using var step = adapter is null ? TrainingStep.OfModel(model, training) : TrainingStep.OfExpert(model, adapter, training);
        using var guard = options.Mechanisms.HasFlag(Mechanisms.GuardedSteps) ? new TrialGuard(step, examinee, Examination.Guarding(tokenizer), training) : null;
        var run = new TrialTraining(options, training, step, new TrialData(world, taught, options, size), new TrialNight(examinee, world, tokenizer, size), examinee, guard, examination.HeldOut, size);
        var started = time.GetTimestamp();
        var isSound = run.Run(told, cancellation);
        var seconds = time.GetElapsedTime(started).TotalSeconds;
        using var now = examinee.Encoded(examination.Contexts);
        return new TrialResult
        {
            Options = options,
            Before = before,
            After = isSound ? examination.Of(examinee, cancellation) : null,
            Tokens = run.Tokens,
            Steps = run.Steps,
            StepDivergence = run.StepDivergence,
            ContextDrift = isSound ? (now - contexts).abs().max().item<float>() / contexts.abs().max().item<float>() : null,
            IsReached = options.Until is null ? null : run.IsReached,
            Night = run.Night,
            Rollbacks = guard?.Rollbacks,
            Seconds = seconds,
        };
    }

    private TrainingOptions OptionsOf(TrialOptions options) => TrainingOptions.Expert with
    {
        Rows = size.Rows,
        Context = size.RowLength,
        Seed = options.Run,
        Loss = options.Loss,
        Gradient = options.Mechanisms.HasFlag(Mechanisms.FrozenContext) ? GradientScope.DetachedContext : options.Gradient,
        Apollo = options.Mechanisms.HasFlag(Mechanisms.Apollo) ? new ApolloOptions() : null,
    };
}
