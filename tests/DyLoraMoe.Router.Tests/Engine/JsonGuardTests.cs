using System.Text.Json;
using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Tests.Engine;

public sealed class JsonGuardTests(SampleSet sample)
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"a\" : 1 }")]
    [InlineData("{\"a\":[1,-2.5,3e-7,0,{}],\"b\":{\"c\":null,\"d\":true,\"e\":false}}")]
    [InlineData("{\"a\":\"\\u00e9\\n\\\"quoted\\\"\",\"b\":[]}")]
    public void An_object_is_complete_with_its_last_brace_and_not_before(string text)
    {
        var guard = new JsonGuard();
        foreach (var character in text)
        {
            Assert.False(guard.IsComplete);
            Assert.True(guard.Allows(character.ToString()));
            guard.Accept(character.ToString());
        }

        Assert.True(guard.IsComplete);
        Assert.False(guard.Allows("x"));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("1")]
    [InlineData("{,}")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":[1,]}")]
    [InlineData("{\"a\":tru }")]
    [InlineData("{\"a\":1.}")]
    [InlineData("{\"a\":\"\\x\"}")]
    [InlineData("{\"a\":[1}")]
    [InlineData("{\"a\":\"line\nbreak\"}")]
    public void What_is_no_object_is_refused(string text) => Assert.False(new JsonGuard().Allows(text));

    [Fact]
    public async Task Whatever_the_model_would_say_an_answer_that_ends_is_an_object()
    {
        using var set = sample.Load();
        using var engine = Engines.Over(set);
        var requests = Enumerable.Range(0, 8).Select(seed => Engines.Ask(set, "Give JSON:", tokens: 200, change: settings => settings with { Temperature = 1.2, Seed = seed, IsJsonObject = true })).ToArray();

        var answers = await Engines.RunAsync(engine, requests);

        var complete = answers.Where(answer => answer.End == SequenceEnd.Stop).ToList();
        Assert.NotEmpty(complete);
        Assert.All(complete, answer => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(answer.Text).RootElement.ValueKind));
    }
}
