using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.Reading;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Tests.Data.Reading;

public class ConversationTests
{
    private static readonly Sample _chat = Sample.Chat(new Conversation(new("system", "Be brief."), new("user", "Hi"), new("assistant", "Hello"), new("user", "Bye")), "See you");

    [Theory]
    [InlineData("""{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Bye"},{"role":"assistant","content":"See you"}],"id":7}""")]
    [InlineData("""{"conversations":[{"from":"system","value":"Be brief."},{"from":"human","value":"Hi"},{"from":"gpt","value":"Hello"},{"from":"human","value":"Bye"},{"from":"gpt","value":"See you"}]}""")]
    [InlineData("""{"messages":[{"role":"developer","content":[{"type":"text","text":"Be "},{"type":"text","text":"brief."}]},{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":"Bye"},{"role":"assistant","content":"See you","weight":1}]}""")]
    public void Messages_are_a_chat_that_ends_with_the_answer_whoever_wrote_them_down(string line) => Assert.Equal([_chat], Reads.All(line, "x.jsonl"));

    [Fact]
    public void A_chat_comes_back_as_it_was_written_among_pairs_and_plain_texts()
    {
        Sample[] samples = [Sample.Pair("Hi", "Hello"), _chat, Sample.PlainText("A text."), Sample.Chat(new Conversation(new ChatMessage("user", "Hi")), "Hello")];
        using var stream = new MemoryStream();

        DatasetWriter.WriteJsonLines(stream, samples);

        Assert.Equal(samples, Reads.All(stream.ToArray(), "x.jsonl", new DatasetOptions { EachRowDecides = true }));
        Assert.Equal(4, samples.Select(sample => DatasetDigest.Of([sample])).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]}""", "found 1 message.")]
    [InlineData("""{"messages":[]}""", "found 0 messages.")]
    [InlineData("""{"messages":[{"role":"assistant","content":"Hi"},{"role":"user","content":"Hi"}]}""", "found a last message of the user.")]
    [InlineData("""{"messages":[{"role":"tool","content":"Hi"},{"role":"assistant","content":"Hi"}]}""", "found a message 1 without role or text.")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":null}]}""", "found a message 2 without role or text.")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]},{"role":"assistant","content":"Hi"}]}""", "found a message 1 without role or text.")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":""}]}""", "found nothing.")]
    [InlineData("""{"messages":"Hi"}""", "found text that is no JSON.")]
    [InlineData("""{"messages":{"role":"user"}}""", "found none.")]
    public void What_is_no_conversation_with_an_answer_is_told_with_its_line(string line, string found)
    {
        var message = Reads.Fails(line, "x.jsonl").Message;

        Assert.StartsWith("x.jsonl:1: expected ", message, StringComparison.Ordinal);
        Assert.EndsWith(found, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_becomes_a_turn_of_each_where_that_is_asked_for()
    {
        var options = new DatasetOptions { AsChat = true };

        Assert.Equal([Sample.Chat(new Conversation(new ChatMessage("user", "2 + 2?")), " 4")], Reads.All("""{"question":"2 + 2?","answer":" 4"}""", "x.jsonl", options));
        Assert.Equal([Sample.PlainText("A text.")], Reads.All("""{"text":"A text."}""", "x.jsonl", options));
        Assert.Contains("something in the prompt", Reads.Fails("""{"prompt":" ","answer":"4"}""", "x.jsonl", options).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt":"a","response":"b"}""", "a", "b")]
    [InlineData("""{"prompt":"a","output":"b"}""", "a", "b")]
    [InlineData("""{"question":"a","output":"b"}""", "a\n", "b")]
    [InlineData("""{"instruction":"a","input":"c","completion":"b"}""", "a\nc\n", "b")]
    [InlineData("""{"input":"a","target":"b"}""", "a\n", "b")]
    [InlineData("""{"instruction":"a","output":"b","response":"c"}""", "a\n", "b")]
    [InlineData("""{"text":"a","prompt":"b","answer":"c"}""", "b", "c")]
    public void Any_usual_name_of_a_prompt_goes_with_any_of_an_answer(string line, string prompt, string answer) =>
        Assert.Equal([Sample.Pair(prompt, answer)], Reads.All(line, "x.jsonl"));
}
