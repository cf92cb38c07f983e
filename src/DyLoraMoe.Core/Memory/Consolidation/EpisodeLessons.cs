using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Core.Memory.Consolidation;

/// <summary>An episode as teacher and student read it: the same question and answer, with and without the episode before them.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="Sample">Question and answer as text.</param>
/// <param name="Alone">What the student reads.</param>
/// <param name="InContext">What the teacher reads; the same when the context does not fit. It has as many targets.</param>
internal sealed record EpisodeLesson(Episode Episode, Sample Sample, TokenizedSample Alone, TokenizedSample InContext)
{
    /// <summary>Whether there is a teacher.</summary>
    public bool HasContext => InContext.Ids.Length > Alone.Ids.Length;
}

/// <summary>Makes lessons of episodes.</summary>
/// <param name="tokenizer">The backbone's.</param>
/// <param name="adapter">Says where the expert acts.</param>
/// <param name="context">Most tokens of a text.</param>
/// <param name="repeats">How often the episode stands in the teacher's context.</param>
/// <param name="loss">Which tokens count.</param>
internal sealed class EpisodeLessons(TextTokenizer tokenizer, LoraConfig adapter, int context, int repeats, LossOn loss)
{
    private readonly SampleTokenizer _samples = new(new TextTokenSource(tokenizer), new TokenizeOptions { MaxTokens = context + 1, Loss = loss });
    private readonly Invocation _invocation = new(adapter);

    /// <summary>The lesson of an episode; null where question and answer together are longer than a text may be. Who knows a part of it by heart does not know it.</summary>
    public EpisodeLesson? Of(Episode episode)
    {
        var sample = EpisodeContext.SampleOf(episode, tokenizer);
        var cut = Cut;
        var alone = _samples.Tokenize(sample)[0];
        if (Cut > cut)
        {
            return null;
        }

        IReadOnlyList<Episode> before = [.. Enumerable.Repeat(episode, repeats)];
        var lesson = sample.Conversation is { } chat ? OfChat(episode, sample, chat, alone, before) : new EpisodeLesson(episode, sample, alone, Behind(before, alone));
        var placed = _invocation.Of([lesson.Alone, lesson.InContext]);
        return lesson with { Alone = placed[0], InContext = placed[1] };
    }

    private long Cut => _samples.Report.PromptsCut + _samples.Report.AnswersCut;

    // Only the answer counts: before it, alone and behind other turns, stand other markers.
    private EpisodeLesson OfChat(Episode episode, Sample sample, Conversation chat, TokenizedSample alone, IReadOnlyList<Episode> episodes)
    {
        alone = alone with { LossStart = alone.AnswerStart };
        var prompt = tokenizer.EncodeChat(EpisodeContext.Turns(chat.Messages, episodes));
        var shift = prompt.Length - alone.AnswerStart;
        var inContext = alone.Ids.Length + shift > context + 1
            ? alone
            : new TokenizedSample([.. prompt, .. alone.Ids[alone.AnswerStart..]], prompt.Length, prompt.Length, alone.InvocationStart + shift);
        return new EpisodeLesson(episode, sample, alone, inContext);
    }

    // The begin token stays in front.
    private TokenizedSample Behind(IReadOnlyList<Episode> episodes, TokenizedSample alone)
    {
        var before = tokenizer.Encode(EpisodeContext.Text(episodes), addSpecialTokens: false, parseSpecialTokens: false);
        if (alone.Ids.Length + before.Length > context + 1)
        {
            return alone;
        }

        var begin = tokenizer.BosId is { } id && alone.Ids[0] == id ? 1 : 0;
        return new TokenizedSample(
            [.. alone.Ids[..begin], .. before, .. alone.Ids[begin..]],
            alone.AnswerStart + before.Length,
            Math.Max(1, alone.LossStart) + before.Length,
            alone.InvocationStart + before.Length);
    }
}
