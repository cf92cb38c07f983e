using System.Text.Json;
using System.Threading.Channels;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Router.Engine;
using DyLoraMoe.Testing;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class JsonTokensTests(SampleSet sample)
{
    [Theory]
    [InlineData(0.0, 1.0, 0)]
    [InlineData(0.7, 0.9, 0)]
    [InlineData(1.0, 1.0, 0)]
    [InlineData(1.3, 0.95, 40)]
    public void Answers_are_those_of_the_plain_choice_token_by_token(double temperature, double topP, int topK)
    {
        var tokenizer = TextTokenizer.Load(sample.Backbone);

        var answers = Enumerable.Range(0, 8).Select(seed => Compare(tokenizer, new SamplingSettings { Temperature = temperature, TopP = topP, TopK = topK, Seed = seed, IsJsonObject = true, MaxTokens = 80 })).ToList();

        Assert.True(answers.Distinct().Count() > 4, "The answers are nearly all the same, so the test would show nothing.");
        Assert.All(answers, answer => Assert.StartsWith("{", answer.TrimStart(), StringComparison.Ordinal));
    }

    [Fact]
    public void Answers_are_those_of_the_plain_choice_over_a_vocabulary_of_50257()
    {
        var tokenizer = TextTokenizer.Load(SharedFiles.Shared("fixtures/gpt2"));

        var answer = Compare(tokenizer, new SamplingSettings { Temperature = 1, TopP = 0.95, Seed = 3, IsJsonObject = true, MaxTokens = 25 });

        Assert.StartsWith("{", answer.TrimStart(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_the_object_looks_like_so_far_exactly_those_tokens_may_come_that_keep_it_one()
    {
        var tokenizer = TextTokenizer.Load(sample.Backbone);
        var texts = AnswerTexts.Of(tokenizer, 0, tokenizer.EosIds.ToHashSet());
        var tokens = new JsonTokens(texts);
        var special = tokenizer.EosIds.Concat(tokenizer.SpecialTokens.Values).ToHashSet();
        var random = new Random(11);
        for (var round = 0; round < 60; round++)
        {
            var guard = new JsonGuard();
            for (var step = 0; step < 120 && !guard.IsComplete; step++)
            {
                // More is opened than closed, so that some get as deep as an object may be.
                guard.Accept(Random(random, "{{{[[[[[\"\":,,}]0123456789.eE+-truefalsn\\u \n", guard));
                if (step % 12 == 0)
                {
                    var allowed = tokens.After(guard.State);
                    Assert.All(Enumerable.Range(0, texts.Count), id => Assert.Equal(!special.Contains(id) && texts[id].Length > 0 && guard.Allows(texts[id]), allowed[id]));
                }
            }
        }
    }

    [Fact]
    public void However_an_object_goes_on_there_is_a_token_that_may_come_next()
    {
        var tokenizer = TextTokenizer.Load(SharedFiles.Shared("fixtures/gpt2"));
        var texts = AnswerTexts.Of(tokenizer, 0, tokenizer.EosIds.ToHashSet());
        var (tokens, random) = (new JsonTokens(texts), new Random(5));
        for (var round = 0; round < 20; round++)
        {
            var (guard, decoder) = (new JsonGuard(), tokenizer.CreateDecoder(startOfText: false));
            for (var step = 0; step < 30 && !guard.IsComplete; step++)
            {
                var allowed = tokens.After(guard.State);
                var fitting = Enumerable.Range(0, texts.Count).Where(id => allowed[id]).ToArray();
                Assert.NotEmpty(fitting);

                // Those that end within a character as often as all others, since what they leave open comes with the next token.
                var open = fitting.Where(id => texts[id][^1] == '\uFFFD').ToArray();
                var choice = open.Length > 0 && step % 2 == 1 ? open : fitting;
                guard.Accept(decoder.Push(choice[random.Next(choice.Length)]));
            }
        }
    }

    [Fact]
    public void A_blank_with_the_beginning_of_a_character_is_no_blank()
    {
        var tokenizer = TextTokenizer.Load(SharedFiles.Shared("fixtures/gpt2"));
        var tokens = new JsonTokens(AnswerTexts.Of(tokenizer, 0, tokenizer.EosIds.ToHashSet()));
        var broken = tokenizer.Encode(" \u201Ca").First(id => tokenizer.BytesOf(id) is [(byte)' ', >= 0x80, ..]);
        var inString = new JsonState();
        inString.Accept("{\"a");

        Assert.False(tokens.After(new JsonState())[broken]);
        Assert.True(tokens.After(inString)[broken]);
    }

    [Fact]
    public void Only_tokens_that_begin_as_the_object_may_go_on_are_followed_and_each_state_but_once()
    {
        var tokenizer = TextTokenizer.Load(sample.Backbone);
        var texts = AnswerTexts.Of(tokenizer, 0, tokenizer.EosIds.ToHashSet());
        var tokens = new JsonTokens(texts);

        tokens.After(new JsonState());
        var first = tokens.Followed;
        Assert.InRange(first, 1, texts.ByFirst.Where(pair => pair.Key is '{' or ' ' or '\n' or '\r' or '\t').Sum(pair => pair.Value.Length));

        tokens.After(new JsonState());
        Assert.Equal(first, tokens.Followed);
    }

    [Fact]
    public void What_is_open_further_out_than_a_token_can_close_makes_no_other_state()
    {
        JsonState outer = new(), inner = new(), deep = new();
        outer.Accept("{\"a\":[[[1");
        inner.Accept("{\"a\":{\"b\":[[[2");
        deep.Accept("{\"a\":" + new string('[', 62) + "1");

        Assert.NotEqual(outer, inner);
        Assert.Equal(outer.Within(1, 2), inner.Within(1, 2));
        Assert.NotEqual(outer.Within(1, 4), inner.Within(1, 4));
        Assert.Equal(outer.Within(1, 2), deep.Within(1, 2));
        Assert.NotEqual(outer.Within(2, 2), deep.Within(2, 2));
    }

    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(1.0, 1.0)]
    [InlineData(1.0, 0.9)]
    public void A_row_whose_object_no_token_goes_on_with_gets_none_and_the_others_get_theirs(double temperature, double topP)
    {
        var tokenizer = TextTokenizer.Load(sample.Backbone);
        var (size, settings) = (tokenizer.VocabularySize, new SamplingSettings { Temperature = temperature, TopP = topP, MaxTokens = 8 });

        // What ends a text is no part of an object.
        var chooser = new TokenChooser(tokenizer.EosIds.ToHashSet(), AnswerTexts.Of(tokenizer, size, Enumerable.Range(0, size).ToHashSet()));
        Sequence form = Row(tokenizer, settings with { IsJsonObject = true }), free = Row(tokenizer, settings);
        using var logits = zeros([2, size]);

        Assert.Equal([new Unanswerable(form, IsFinite: true)], chooser.Choose(logits, [form, free]));
        Assert.Equal((0, 1), (form.Generated.Count, free.Generated.Count));
    }

    // One row of the engine's against one of the plain choice, over the same scores.
    private static string Compare(TextTokenizer tokenizer, SamplingSettings settings)
    {
        var size = tokenizer.VocabularySize;
        var chooser = new TokenChooser(tokenizer.EosIds.ToHashSet(), AnswerTexts.Of(tokenizer, size, tokenizer.EosIds.ToHashSet()));
        var plain = new PlainJsonChoice(tokenizer);
        var random = new Random(settings.Seed);

        // Short tokens are likelier, so that objects begin and end.
        var bias = Enumerable.Range(0, size).Select(id => tokenizer.CreateDecoder(startOfText: false).Push(id) is { Length: 1 } text && "{}[]\":,0123456789".Contains(text, StringComparison.Ordinal) ? 8f : 0).ToArray();
        Sequence row = Row(tokenizer, settings), twin = Row(tokenizer, settings);
        while (!row.IsEnded)
        {
            var scores = bias.Select(extra => extra + (float)(random.NextDouble() * 14)).ToArray();
            using var logits = tensor(scores, [1, size]);
            Assert.Empty(chooser.Choose(logits, [row]));
            twin.Accept(plain.Choose(scores, twin), isEnd: false, logprob: null);
            Assert.Equal(twin.Generated, row.Generated);
        }

        Assert.Equal(twin.IsEnded, row.IsEnded);
        var text = tokenizer.Decode(row.Generated);
        if (row.Json!.IsComplete)
        {
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(text).RootElement.ValueKind);
        }

        return text;
    }

    private static Sequence Row(TextTokenizer tokenizer, SamplingSettings settings) => new(
        0, new GenerationRequest([1], settings, ExpertChoice.Routed), "a", tokenizer.CreateDecoder(startOfText: false), Channel.CreateUnbounded<SequenceEvent>().Writer, 0);

    private static string Random(Random random, string characters, JsonGuard guard)
    {
        while (true)
        {
            var one = characters[random.Next(characters.Length)].ToString();
            if (guard.Allows(one))
            {
                return one;
            }
        }
    }
}
