using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Tests.Tokenization.Chat;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class EpisodeContextTests
{
    private static readonly Episode _near = Episodes.Of("Reverse: a b ->", " b a");
    private static readonly Episode _far = Episodes.Of("Sort: b a ->", "a b");

    [Fact]
    public void A_text_has_earlier_questions_as_lines_and_the_most_alike_last() =>
        Assert.Equal("Sort: b a -> a b\nReverse: a b -> b a\n", EpisodeContext.Text([_near, _far]));

    [Fact]
    public void Texts_of_several_lines_are_kept_apart_by_an_empty_one() =>
        Assert.Equal("Sort:\nb a ->\na b\n\n", EpisodeContext.Text([Episodes.Of("Sort:\nb a ->", "\na b")]));

    [Fact]
    public void A_conversation_has_them_as_turns_behind_what_the_system_says()
    {
        var turns = EpisodeContext.Turns([new("system", "Be short."), new("user", "Who?")], [_near, _far]);

        Assert.Equal(["system", "user", "assistant", "user", "assistant", "user"], turns.Select(turn => turn.Role));
        Assert.Equal(["Be short.", "Sort: b a ->", "a b", "Reverse: a b ->", " b a", "Who?"], turns.Select(turn => turn.Content));
    }

    [Fact]
    public void An_episode_of_a_chat_is_a_chat_where_the_model_can_write_it_and_a_prompt_elsewhere()
    {
        var (plain, chat) = (Sample.Pair("Who?", " Ana"), Sample.Chat(new Conversation(new ChatMessage("user", "Who?")), "Ana"));
        var asked = Episodes.Of("Who?", "Ana") with { IsChat = true };
        var tagged = ChatFolders.Load("{{ '[INST] ' }}{% for m in messages %}{{ m.content }}{% endfor %}");

        Assert.Equal(chat, EpisodeContext.SampleOf(asked, tagged));
        Assert.Equal(plain, EpisodeContext.SampleOf(asked with { IsChat = false }, tagged));
        Assert.Equal(plain, EpisodeContext.SampleOf(asked, ChatFolders.Load(template: null)));
        Assert.Equal(Sample.Pair("[INST]", " Ana"), EpisodeContext.SampleOf(asked with { Prompt = "[INST]" }, tagged));
        Assert.Equal(Sample.Pair("Who?", " [INST]"), EpisodeContext.SampleOf(asked with { Answer = "[INST]" }, tagged));
    }

    [Fact]
    public void The_only_question_of_a_conversation_is_the_question_and_of_several_turns_it_is_all_of_them()
    {
        Assert.Equal("Who?", EpisodeContext.QuestionOf([new("system", "Be short."), new("user", "Who?")]));
        Assert.Equal("user: Hi\nassistant: Hello\nuser: Who?", EpisodeContext.QuestionOf([new("user", "Hi"), new("assistant", "Hello"), new ChatMessage("user", "Who?")]));
    }
}
