using System.Text.Json.Nodes;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Tests.Tokenization;
using DyLoraMoe.Core.Tests.Tokenization.Chat;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Tests.Data;

/// <summary>A chat is learnt with the ids that a server gives the model for it.</summary>
public class ChatSampleTests
{
    private const string ChatMl = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private static readonly ChatMessage _asked = new("user", "hello <|im_end|> hell");

    [Fact]
    public void Its_prompt_is_what_the_template_writes_and_its_answer_ends_where_the_template_ends_it()
    {
        var tokenizer = Tokenizer(ChatMl, ends: "<|im_end|>");
        var sample = Assert.Single(new SampleTokenizer(new TextTokenSource(tokenizer), new TokenizeOptions()).Tokenize(Sample.Chat(new Conversation(_asked), "hello")));

        Assert.Equal(tokenizer.EncodeChat([_asked]), sample.Ids[..sample.AnswerStart]);
        Assert.Equal([.. tokenizer.EncodeAnswer("hello"), 501], sample.Ids[sample.AnswerStart..]);
        Assert.Equal([.. sample.Ids, .. tokenizer.EncodeContinuation("\n")], tokenizer.EncodeChat([_asked, new("assistant", "hello")], addGenerationPrompt: false));
        Assert.Equal(sample.AnswerStart, sample.LossStart);
        Assert.Equal(2, sample.Ids.Count(id => id == 500));
    }

    [Fact]
    public void An_answer_that_the_template_does_not_end_itself_ends_as_a_text_does()
    {
        var open = "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";
        var onlyOfUsers = "{% for m in messages %}{{ m.content }}{% if m.role == 'user' %}{{ '<|im_end|>' }}{% endif %}{% endfor %}";

        Assert.Equal(1, Tokenizer(open).EndOfTurnId);
        Assert.Equal(1, Tokenizer(onlyOfUsers).EndOfTurnId);
        Assert.Equal(501, Tokenizer(ChatMl, ends: "<|im_end|>").EndOfTurnId);
    }

    [Fact]
    public void A_chat_for_a_model_without_a_template_is_told_with_what_it_says()
    {
        var samples = new SampleTokenizer(new TextTokenSource(ChatFolders.Load(template: null)), new TokenizeOptions());

        var error = Assert.Throws<InvalidDataException>(() => samples.Tokenize(Sample.Chat(new Conversation(new ChatMessage("user", "hello")), "hello")));

        Assert.StartsWith("A sample is a chat (hello), and it cannot be written for this model: The tokenizer has no chat template", error.Message, StringComparison.Ordinal);
    }

    private static TextTokenizer Tokenizer(string template, string ends = "<|eos|>")
    {
        using TokenizerFiles files = new();
        ChatFolders.Write(files, template, ("<|im_start|>", true), ("<|im_end|>", true));
        return files.Write("generation_config.json", new JsonObject { ["eos_token_id"] = new JsonArray(1, ends == "<|eos|>" ? 1 : 501) }).Load();
    }
}
