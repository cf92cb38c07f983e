using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Memory;

/// <summary>
/// The plainest few-shot form: earlier questions with their answers, each as the model would have seen it, the most alike last. A plain
/// text has them as lines before the prompt; a conversation has them as turns before its first question.
/// </summary>
public static class EpisodeContext
{
    /// <summary>A question with its answer as one text: a space between them where neither has any.</summary>
    /// <param name="prompt">The question.</param>
    /// <param name="answer">The answer.</param>
    public static string AnswerTo(string prompt, string answer)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answer);
        var touches = prompt.Length > 0 && answer.Length > 0 && !char.IsWhiteSpace(prompt[^1]) && !char.IsWhiteSpace(answer[0]);
        return touches ? " " + answer : answer;
    }

    /// <summary>An episode as it is learnt, in the form in which it was asked.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="tokenizer">The backbone's; what was asked in a chat is a prompt to one that cannot write it as a chat.</param>
    public static Sample SampleOf(Episode episode, TextTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(episode);
        ArgumentNullException.ThrowIfNull(tokenizer);
        return episode.IsChat && CanBeChat(episode, tokenizer)
            ? Sample.Chat(new Conversation(new ChatMessage("user", episode.Prompt)), episode.Answer)
            : Sample.Pair(episode.Prompt, AnswerTo(episode.Prompt, episode.Answer));
    }

    /// <summary>Text to put before a prompt; ends with a line feed unless there is nothing.</summary>
    /// <param name="episodes">The episodes, the most alike first.</param>
    public static string Text(IReadOnlyList<Episode> episodes)
    {
        ArgumentNullException.ThrowIfNull(episodes);
        var lines = episodes.Reverse().Select(episode => episode.Prompt + AnswerTo(episode.Prompt, episode.Answer).TrimEnd()).ToList();
        var between = lines.Exists(line => line.Contains('\n', StringComparison.Ordinal)) ? "\n\n" : "\n";
        return string.Concat(lines.Select(line => line + between));
    }

    /// <summary>A conversation with episodes before its first turn, behind what the system says.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="episodes">The episodes, the most alike first.</param>
    public static IReadOnlyList<ChatMessage> Turns(IReadOnlyList<ChatMessage> conversation, IReadOnlyList<Episode> episodes)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        ArgumentNullException.ThrowIfNull(episodes);
        var system = conversation.TakeWhile(message => message.Role == "system").ToList();
        return
        [
            .. system,
            .. episodes.Reverse().SelectMany(episode => new[] { new ChatMessage("user", episode.Prompt), new ChatMessage("assistant", episode.Answer) }),
            .. conversation.Skip(system.Count),
        ];
    }

    /// <summary>What a conversation asks: the only question of a user, or all turns where there were several.</summary>
    /// <param name="conversation">The conversation.</param>
    public static string QuestionOf(IReadOnlyList<ChatMessage> conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return OnlyQuestionOf(conversation) ?? string.Join('\n', TurnsOf(conversation).Select(turn => $"{turn.Role}: {turn.Content}"));
    }

    /// <summary>The only question of a user; null where a conversation has several turns.</summary>
    /// <param name="conversation">The conversation.</param>
    public static string? OnlyQuestionOf(IReadOnlyList<ChatMessage> conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return TurnsOf(conversation) is [{ Role: "user" } only] ? only.Content : null;
    }

    // There may be no template, and whoever tells an episode may write what a template refuses: that must not stop others from being learnt.
    private static bool CanBeChat(Episode episode, TextTokenizer tokenizer)
    {
        try
        {
            return tokenizer.EncodeChat([new("user", episode.Prompt), new("assistant", episode.Answer)], addGenerationPrompt: false).Length > 0;
        }
        catch (Exception error) when (error is NotSupportedException or ArgumentException)
        {
            return false;
        }
    }

    private static List<ChatMessage> TurnsOf(IReadOnlyList<ChatMessage> conversation) => [.. conversation.Where(message => message.Role != "system")];
}
