using DyLoraMoe.Core.Memory;
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
    public void The_only_question_of_a_conversation_is_the_question_and_of_several_turns_it_is_all_of_them()
    {
        Assert.Equal("Who?", EpisodeContext.QuestionOf([new("system", "Be short."), new("user", "Who?")]));
        Assert.Equal("user: Hi\nassistant: Hello\nuser: Who?", EpisodeContext.QuestionOf([new("user", "Hi"), new("assistant", "Hello"), new ChatMessage("user", "Who?")]));
    }
}
