using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>
/// The way from the fast memory to the slow one: an expert learns what it would say with the episodes in context, until it says so without.
/// What it knew is replayed between: those samples keep the distribution that they had. Then every episode is asked for without context,
/// and what is recalled may leave the store.
/// </summary>
/// <param name="backbone">The frozen model, in float32.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="options">Weights, steps and rates.</param>
public sealed class MemoryConsolidation(CausalLanguageModel backbone, TextTokenizer tokenizer, MemoryConsolidationOptions options)
{
    /// <summary>Most tokens of an episode that can be taught, its answer and the end included but for one.</summary>
    public int MostTokens => (int)Math.Min(options.Context, backbone.Config.MaxPositions);

    /// <summary>Teaches an expert.</summary>
    /// <param name="expert">The expert; changes in place.</param>
    /// <param name="episodes">What to learn.</param>
    /// <param name="replay">Samples of what must stay, with their answers; none lets everything go that is in the way.</param>
    /// <param name="from">What drift is measured from; the expert as it comes when null.</param>
    /// <param name="cancellation">Stops between steps; the expert is then where it is.</param>
    /// <param name="enough">Ends the learning after the step under way, with what is known by then.</param>
    /// <exception cref="InvalidDataException">The expert acts on no question, and would learn nothing.</exception>
    public MemoryConsolidationReport Run(
        LoraAdapter expert,
        IReadOnlyList<Episode> episodes,
        IReadOnlyList<TokenizedSample> replay,
        LoraAdapter? from = null,
        CancellationToken cancellation = default,
        CancellationToken enough = default)
    {
        ArgumentNullException.ThrowIfNull(expert);
        ArgumentNullException.ThrowIfNull(episodes);
        ArgumentNullException.ThrowIfNull(replay);
        options.Validate();
        var maker = new EpisodeLessons(tokenizer, expert.Config, MostTokens, options.Repeats, options.Weights.Loss);
        List<EpisodeLesson> lessons = [.. episodes.Select(maker.Of).OfType<EpisodeLesson>()];
        List<string> tooLong = [.. episodes.Select(episode => episode.Id).Except(lessons.Select(lesson => lesson.Episode.Id))];
        if (lessons.Count == 0)
        {
            return new MemoryConsolidationReport { Episodes = [], TooLong = tooLong, Steps = 0, Tokens = 0, TeacherTokens = 0 };
        }

        new Invocation(expert.Config).Require([.. lessons.Select(lesson => lesson.Alone)]);
        using var before = expert.CopyTo(expert.Device);
        var check = new RecallCheck(backbone, tokenizer, options.RecallLoss);
        var asked = Ask(check, lessons, lesson => lesson.Alone, before, cancellation);
        var taught = Ask(check, lessons, lesson => lesson.InContext, before, cancellation);
        double[] trust = [.. lessons.Select((lesson, at) => TrustIn(lesson, asked[at].Loss, taught[at]))];
        var old = EvaluationSet.OfSamples(new Invocation(expert.Config).Of(replay));
        var replayBefore = LossOf(old, before);
        var run = Learn(expert, before, lessons, trust, replay, check, cancellation, enough);
        return run with
        {
            Episodes = [.. lessons.Select((lesson, at) => run.Episodes[at] with { Before = asked[at].Loss, InContext = taught[at].Loss, InContextRecalled = taught[at].IsRight, WasRecalled = asked[at].IsRight })],
            TooLong = tooLong,
            ReplayBefore = replayBefore,
            ReplayAfter = LossOf(old, expert),
            Drift = old.IsEmpty ? null : new Predictor(backbone, from ?? before).Divergence(new Predictor(backbone, expert), old),
        };
    }

    private MemoryConsolidationReport Learn(
        LoraAdapter expert,
        LoraAdapter before,
        List<EpisodeLesson> lessons,
        double[] trust,
        IReadOnlyList<TokenizedSample> replay,
        RecallCheck check,
        CancellationToken cancellation,
        CancellationToken enough)
    {
        using var step = TrainingStep.OfExpert(backbone, expert, TrainingOptions.Expert);
        var distillation = new DeepDistillation(backbone, before, options.Weights);
        var order = new LessonOrder(lessons.Count, Math.Min(options.Rows, lessons.Count), options.Seed);
        var old = ReplayOf(new Invocation(expert.Config).Of(replay));
        var (taken, known, tokens, taught) = (0, 0, 0L, 0L);
        var found = Ask(check, lessons, lesson => lesson.Alone, expert, cancellation);
        while (taken < options.MaxSteps && known < 2 && !(tokens >= options.MaxTokens) && !enough.IsCancellationRequested)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = order.Next();
            List<EpisodeLesson> chosen = [.. rows.Select(row => lessons[row])];
            step.Accumulate(() => distillation.Loss(chosen, [.. rows.Select(row => trust[row])], expert));
            tokens += chosen.Sum(lesson => lesson.Alone.Positions);
            taught += options.Weights.HasTeacher ? chosen.Sum(lesson => lesson.InContext.Positions) : 0;
            if (old?.Next() is { } batch)
            {
                // A larger count of tokens makes a smaller gradient, which is how a weight gets in.
                step.Distil(batch, before, Math.Max(1, (long)(batch.LossTokens / options.Replay)));
                tokens += batch.Tokens;
            }

            step.Apply(options.Rate * Math.Min(1, (taken + 1) / Math.Clamp(options.MaxSteps / 10.0, 1, 10)));
            taken++;
            if (taken % options.CheckEvery == 0 || taken == options.MaxSteps || tokens >= options.MaxTokens || enough.IsCancellationRequested)
            {
                found = Ask(check, lessons, lesson => lesson.Alone, expert, cancellation);
                known = found.All(each => each.IsRight) ? known + 1 : 0;
            }
        }

        return new MemoryConsolidationReport
        {
            Episodes = [.. lessons.Zip(found, (lesson, each) => new EpisodeRecall(lesson.Episode.Id, 0, 0, each.Loss, false, false, each.IsRight, each.Answer))],
            Steps = taken,
            Tokens = tokens,
            TeacherTokens = taught,
        };
    }

    private static IReadOnlyList<Recalled> Ask(RecallCheck check, List<EpisodeLesson> lessons, Func<EpisodeLesson, TokenizedSample> question, LoraAdapter expert, CancellationToken cancellation) =>
        check.Of([.. lessons.Select(question)], [.. lessons.Select(lesson => lesson.Episode)], expert, cancellation);

    private SampleBatchSource? ReplayOf(IReadOnlyList<TokenizedSample> replay) => replay.Count == 0 || options.ReplayRows == 0 || options.Replay == 0
        ? null
        : new SampleBatchSource(replay, new BatchOptions { Rows = Math.Min(options.ReplayRows, replay.Count), RowLength = replay.Max(sample => sample.Positions), Pack = false, Seed = options.Seed });

    // A teacher that does not know the answer with it before its eyes has nothing to teach, however much likelier it finds it.
    private double TrustIn(EpisodeLesson lesson, double alone, Recalled inContext) => (lesson.HasContext, options.Weights.TrustByEvidence) switch
    {
        (false, _) => 0,
        (true, false) => 1,
        _ => inContext.IsRight && alone > 0 ? Math.Clamp(1 - (inContext.Loss / alone), 0, 1) : 0,
    };

    private double? LossOf(EvaluationSet replay, LoraAdapter adapter) => replay.IsEmpty ? null : new LanguageModelEvaluator(backbone).Evaluate(replay, adapter).Loss;
}
