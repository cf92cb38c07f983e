using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Core.Training.Distillation;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Training.Distillation;

public sealed class DreamtTextTests : IDisposable
{
    private const int Longest = 48;

    private static readonly string _folder = Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny");

    private readonly CausalLanguageModel _model = ModelFolder.Load(_folder);
    private readonly TextTokenizer _tokenizer = TextTokenizer.Load(_folder);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void A_dream_begins_with_a_crossing_of_two_memories_and_the_teacher_goes_on()
    {
        string[] words = ["horse", "lamp", "green", "river", "stone", "apple", "cloud", "paper"];
        var data = words.Select((word, at) => Sample.Pair($"reverse: {word} {words[(at + 3) % words.Length]} ->", " done")).ToList();
        var known = data.Select(sample => sample.Prompt).ToHashSet(StringComparer.Ordinal);

        var dreams = Dreams(data, count: 24, seed: 1);

        Assert.InRange(dreams.Count, 8, 24);
        foreach (var text in dreams)
        {
            Assert.StartsWith("reverse: ", text, StringComparison.Ordinal);
            var prompt = text[..(text.IndexOf("->", StringComparison.Ordinal) + 2)];
            Assert.DoesNotContain(prompt, known);
            Assert.Empty(words.Aggregate(prompt["reverse: ".Length..^" ->".Length], (rest, word) => rest.Replace(word, "", StringComparison.Ordinal)).Trim());
        }

        Assert.Contains(dreams, text => !text.EndsWith("->", StringComparison.Ordinal));
        Assert.Equal(dreams, Dreams(data, count: 24, seed: 1));
        Assert.NotEqual(dreams, Dreams(data, count: 24, seed: 2));
    }

    [Fact]
    public void Plain_texts_are_dreamt_of_by_their_beginnings_and_no_dream_is_longer_than_asked_for()
    {
        var text = string.Join('\n', Enumerable.Range(0, 60).Select(number => $"On day {number} the wind came from the {(number % 3 == 0 ? "north" : "sea")} and the boats stayed at home."));

        var dreams = DreamtText.Of(_model, _tokenizer, [Sample.PlainText(text)], 20, Longest, cancellation: TestContext.Current.CancellationToken);

        Assert.NotEmpty(dreams);
        Assert.All(dreams, dream => Assert.InRange(dream.Ids.Length, 2, Longest));
    }

    [Fact]
    public void Of_texts_that_have_no_beginning_nothing_is_dreamt()
    {
        var error = Assert.Throws<InvalidDataException>(() => Dreams([Sample.PlainText("word"), Sample.Pair("", "answer")], count: 4, seed: 1));

        Assert.Contains("2 texts", error.Message, StringComparison.Ordinal);
    }

    private List<string> Dreams(IReadOnlyList<Sample> data, int count, int seed) =>
        [.. DreamtText.Of(_model, _tokenizer, data, count, Longest, seed, TestContext.Current.CancellationToken).Select(dream => _tokenizer.Decode(dream.Ids))];
}
