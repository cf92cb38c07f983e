using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;
using DyLoraMoe.Core.Training;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class MemoryConsolidationTests : IDisposable
{
    private static readonly string _folder = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");
    private static readonly Episode[] _episodes =
    [
        Episodes.Of("Q: What is the code of Ana? A:", "horse", "u"),
        Episodes.Of("Q: What is the code of Ben? A:", "lamp", "u"),
        Episodes.Of("Q: What is the code of Cara? A:", "green", "u"),
        Episodes.Of("The tower of Zoe is", "very blue", "u"),
    ];

    private readonly CausalLanguageModel _model = ModelFolder.Load(_folder);
    private readonly TextTokenizer _tokenizer = TextTokenizer.Load(_folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_student_in_the_teachers_place_is_at_no_distance_and_its_loss_is_the_answers()
    {
        using var scope = NewDisposeScope();
        using var expert = Lively();
        var lesson = Maker(expert, LossOn.Answer).Of(_episodes[0])!;
        var alone = lesson with { InContext = lesson.Alone };
        using var same = expert.CopyTo(expert.Device);

        Assert.Equal(0, Loss(new DistillationWeights { Correction = 0 }, alone, expert, same), 1e-5);
        Assert.True(Loss(new DistillationWeights { Correction = 0 }, lesson, expert, same) > 1e-3);
        var set = EvaluationSet.OfSamples([lesson.Alone]);
        Assert.Equal(new LanguageModelEvaluator(_model).Evaluate(set, expert).Loss, Loss(new DistillationWeights { Logits = 0, Hidden = 0 }, lesson, expert, same), 1e-4);
    }

    [Fact]
    public void The_parts_of_the_loss_add_up_by_their_weights_and_trust_scales_the_teacher()
    {
        using var scope = NewDisposeScope();
        using var expert = Lively();
        using var same = expert.CopyTo(expert.Device);
        var lesson = Maker(expert, LossOn.Answer).Of(_episodes[1])!;
        double Of(double logits, double hidden, double correction, double trust = 1) =>
            Loss(new DistillationWeights { Logits = logits, Hidden = hidden, Correction = correction }, lesson, expert, same, trust);

        Assert.Equal((2 * Of(1, 0, 0)) + (3 * Of(0, 1, 0)) + (0.5 * Of(0, 0, 1)), Of(2, 3, 0.5), 1e-3);
        Assert.Equal(0.25 * Of(1, 1, 0), Of(1, 1, 0, trust: 0.25), 1e-4);
    }

    [Fact]
    public void Teacher_and_student_have_the_same_targets()
    {
        using var expert = Lively();
        foreach (var loss in (LossOn[])[LossOn.Answer, LossOn.Everything])
        {
            foreach (var lesson in _episodes.Select(episode => Maker(expert, loss).Of(episode)!))
            {
                Assert.True(lesson.HasContext);
                Assert.Equal(lesson.Alone.LossTokens, lesson.InContext.LossTokens);
                Assert.Equal(lesson.Alone.Ids[^lesson.Alone.LossTokens..], lesson.InContext.Ids[^lesson.Alone.LossTokens..]);
                Assert.Equal(lesson.Alone.Ids[lesson.Alone.AnswerStart..], lesson.InContext.Ids[lesson.InContext.AnswerStart..]);
            }
        }
    }

    [Theory]
    [InlineData(LossOn.Answer)]
    [InlineData(LossOn.Everything)]
    public void What_was_asked_in_a_chat_is_taught_as_one(LossOn loss)
    {
        using var expert = Lively();
        var lesson = Maker(expert, loss).Of(_episodes[0] with { IsChat = true })!;
        ChatMessage asked = new("user", _episodes[0].Prompt);

        Assert.True(lesson.HasContext);
        Assert.Equal(_tokenizer.EncodeChat([asked]), lesson.Alone.Ids[..lesson.Alone.AnswerStart]);
        Assert.StartsWith(_tokenizer.Decode(_tokenizer.EncodeChat([asked, new("assistant", "horse")], addGenerationPrompt: false)).TrimEnd(), _tokenizer.Decode(lesson.InContext.Ids), StringComparison.Ordinal);
        Assert.Equal([.. _tokenizer.EncodeAnswer("horse"), _tokenizer.EndOfTurnId!.Value], lesson.InContext.Ids[lesson.InContext.AnswerStart..]);
        Assert.Equal(lesson.Alone.Ids[lesson.Alone.AnswerStart..], lesson.InContext.Ids[lesson.InContext.AnswerStart..]);
        Assert.Equal(lesson.Alone.LossTokens, lesson.InContext.LossTokens);
    }

    [Fact]
    public void An_expert_that_acts_on_no_question_is_refused()
    {
        using var silent = LoraAdapter.Create(_model, new LoraConfig { Mode = AdapterMode.Activated, InvocationTokens = [250, 251, 252] }, seed: 1);
        var error = Assert.Throws<InvalidDataException>(() => new MemoryConsolidation(_model, _tokenizer, new MemoryConsolidationOptions { MaxSteps = 1 }).Run(silent, _episodes, [], cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("[250, 251, 252]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_in_context_is_in_the_weights_afterwards_and_what_was_known_stays()
    {
        using var expert = LoraAdapter.Create(_model, new LoraConfig { Rank = 8, Alpha = 16 }, seed: 1);
        var old = Known(first: 0, count: 48);
        var heldOut = EvaluationSet.OfSamples(new Invocation(expert.Config).Of(Known(first: 60, count: 24)));
        var evaluator = new LanguageModelEvaluator(_model);
        var before = evaluator.Evaluate(heldOut).Loss;

        var report = new MemoryConsolidation(_model, _tokenizer, new MemoryConsolidationOptions { MaxSteps = 200, ReplayRows = 8 }).Run(expert, _episodes, old, cancellation: TestContext.Current.CancellationToken);

        Assert.All(report.Episodes, episode => Assert.False(episode.WasRecalled));
        Assert.All(report.Episodes, episode => Assert.True(episode.IsRecalled, $"{episode.Answer}, {episode.After} nats"));
        Assert.Equal(_episodes.Select(episode => episode.Id), report.Evict);
        Assert.All(report.Episodes, episode => Assert.True(episode.After < episode.Before));
        Assert.InRange(report.ReplayAfter!.Value - report.ReplayBefore!.Value, -1, 0.1);
        Assert.InRange(report.Drift!.Value, 1e-6, 0.1);
        Assert.InRange(evaluator.Evaluate(heldOut, expert).Loss - before, -1, 0.15);
    }

    [Fact]
    public void Learning_ends_with_the_step_that_spends_the_tokens()
    {
        using var expert = Lively();
        var free = new MemoryConsolidation(_model, _tokenizer, new MemoryConsolidationOptions { MaxSteps = 4 }).Run(expert, _episodes, [], cancellation: TestContext.Current.CancellationToken);
        using var other = Lively();

        var bound = new MemoryConsolidation(_model, _tokenizer, new MemoryConsolidationOptions { MaxSteps = 4, MaxTokens = free.Tokens / 2 }).Run(other, _episodes, [], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((4, 2), (free.Steps, bound.Steps));
        Assert.Null(bound.Drift);
    }

    [Fact]
    public void What_is_longer_than_a_text_may_be_is_neither_taught_nor_known_by_heart()
    {
        using var expert = Lively();
        var words = string.Join(' ', Enumerable.Repeat("word", 300));
        Episode[] tooLong = [Episodes.Of(words, "horse", "u"), Episodes.Of("Q: What did Ben say? A:", words, "u")];

        // Whatever is asked for counts as known.
        var report = new MemoryConsolidation(_model, _tokenizer, new MemoryConsolidationOptions { MaxSteps = 1, RecallLoss = 100 }).Run(expert, [_episodes[0], .. tooLong], [], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([_episodes[0].Id], report.Evict);
        Assert.Equal(tooLong.Select(episode => episode.Id), report.TooLong);
    }

    [Fact]
    public void Nothing_to_learn_changes_nothing()
    {
        using var scope = NewDisposeScope();
        using var expert = Lively();
        using var same = expert.CopyTo(expert.Device);

        var report = new MemoryConsolidation(_model, _tokenizer, new MemoryConsolidationOptions()).Run(expert, [], [], cancellation: TestContext.Current.CancellationToken);

        Assert.Equal((0, 1.0), (report.Steps, report.Recall));
        Assert.All(expert.Parameters.Zip(same.Parameters), pair => Assert.Equal(0, (pair.First - pair.Second).abs().max().item<float>(), 0f));
    }

    // A task of the backbone's own corpus.
    private List<TokenizedSample> Known(int first, int count) => new SampleTokenizer(new TextTokenSource(_tokenizer), new TokenizeOptions()).TokenizeAll(
        Enumerable.Range(first, count).Select(at => (Left: 10 + (at % 80), Right: 40 + (at * 7 % 30))).Select(sum => Sample.Pair($"Add: {sum.Left} {sum.Right} ->", $" {sum.Left + sum.Right}")));

    private EpisodeLessons Maker(LoraAdapter expert, LossOn loss) => new(_tokenizer, expert.Config, 256, repeats: 2, loss);

    private double Loss(DistillationWeights weights, EpisodeLesson lesson, LoraAdapter student, LoraAdapter teacher, double trust = 1)
    {
        using var loss = new DeepDistillation(_model, teacher, weights).Loss([lesson], [trust], student);
        return loss.item<float>();
    }

    private LoraAdapter Lively()
    {
        var expert = LoraAdapter.Create(_model, new LoraConfig { Rank = 4, Alpha = 8 }, seed: 3);
        using var random = new Generator(5, CPU);
        using var _ = no_grad();
        foreach (var layer in expert.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            using var noise = randn(layer.Value.B.shape, generator: random);
            layer.Value.B.add_(noise, 0.02f);
        }

        return expert;
    }
}
