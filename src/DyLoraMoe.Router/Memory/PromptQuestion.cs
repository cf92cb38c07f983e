using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Router.Memory;

/// <summary>What a prompt asks, and how episodes go before it.</summary>
/// <param name="Text">The question.</param>
/// <param name="Ids">The question alone as token ids: what its features are of.</param>
/// <param name="AnswerTo">An episode's answer, as the model would say it here.</param>
/// <param name="With">The prompt with episodes before it, the most alike first in the list.</param>
internal sealed record PromptQuestion(string Text, int[] Ids, Func<Episode, string> AnswerTo, Func<IReadOnlyList<Episode>, int[]> With)
{
    /// <summary>Whether an episode can go before it.</summary>
    public bool CanHave(Episode episode)
    {
        try
        {
            return With([episode]).Length > 0;
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The question of a plain prompt.</summary>
    /// <param name="tokenizer">The backbone's.</param>
    /// <param name="text">The prompt as text.</param>
    /// <param name="prompt">The prompt as token ids.</param>
    public static PromptQuestion Of(TextTokenizer tokenizer, string text, int[] prompt)
    {
        return new PromptQuestion(text, prompt, episode => EpisodeContext.AnswerTo(text, episode.Answer), With);

        int[] With(IReadOnlyList<Episode> episodes)
        {
            // The begin token stays in front.
            var begin = tokenizer.BosId is { } id && prompt[0] == id ? 1 : 0;
            return [.. prompt[..begin], .. Encode(tokenizer, EpisodeContext.Text(episodes)), .. prompt[begin..]];
        }
    }

    /// <summary>The question of a conversation.</summary>
    /// <param name="tokenizer">The backbone's.</param>
    /// <param name="conversation">The conversation.</param>
    public static PromptQuestion Of(TextTokenizer tokenizer, IReadOnlyList<ChatMessage> conversation)
    {
        var text = EpisodeContext.QuestionOf(conversation);
        return new PromptQuestion(text, IdsOf(tokenizer, text), episode => episode.Answer, episodes => tokenizer.EncodeChat(EpisodeContext.Turns(conversation, episodes)));
    }

    /// <summary>A question's ids, as a plain prompt has them.</summary>
    public static int[] IdsOf(TextTokenizer tokenizer, string text)
    {
        var ids = tokenizer.Encode(text, parseSpecialTokens: false);
        return ids.Length > 0 ? ids : [tokenizer.BosId ?? tokenizer.EosId ?? 0];
    }

    private static int[] Encode(TextTokenizer tokenizer, string text) => tokenizer.Encode(text, addSpecialTokens: false, parseSpecialTokens: false);
}
