using System.Text.Json;
using DyLoraMoe.Core.Tokenization.Chat;

namespace DyLoraMoe.Core.Tests.Tokenization.Chat.Templates;

public sealed class JinjaParityTests
{
    private static readonly JsonElement Conversations = TemplateFixtures.Read("conversations.json");
    private static readonly JsonElement Snippets = TemplateFixtures.Read("snippets.json");

    public static TheoryData<string> Families => [.. Conversations.GetProperty("families").EnumerateArray().Select(family => family.GetProperty("template").GetString()!)];

    public static TheoryData<int> SnippetNumbers => [.. Enumerable.Range(0, Snippets.GetProperty("cases").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_family_of_templates_writes_what_Jinja_writes(string name)
    {
        var family = Conversations.GetProperty("families").EnumerateArray().Single(each => each.GetProperty("template").GetString() == name);
        var tokens = family.GetProperty("tokens").EnumerateObject().ToDictionary(token => token.Name, token => token.Value.GetString()!);
        ChatTemplate template = new("jinja", TemplateFixtures.Family(name), tokens, _ => true);
        Assert.All(family.GetProperty("cases").EnumerateArray(), expected =>
        {
            var messages = Messages(expected.GetProperty("conversation").GetString()!);
            var prompt = expected.GetProperty("prompt").GetBoolean();
            if (expected.TryGetProperty("text", out var text))
            {
                Assert.Equal(text.GetString(), template.Render(messages, prompt));
            }
            else
            {
                var error = Assert.Throws<ArgumentException>(() => template.Render(messages, prompt));
                Assert.Equal(expected.GetProperty("refusal").GetString() ?? error.Message, error.Message);
            }
        });
    }

    [Theory]
    [MemberData(nameof(SnippetNumbers))]
    public void A_construct_gives_what_it_gives_in_Jinja(int number)
    {
        var snippet = Snippets.GetProperty("cases")[number];
        var template = snippet.GetProperty("template").GetString()!;
        var variables = Snippets.GetProperty("variables").EnumerateObject().Select(variable => (variable.Name, TemplateFixtures.ValueOf(variable.Value))).ToArray();
        if (snippet.TryGetProperty("text", out var text))
        {
            Assert.Equal($"{template} => {text.GetString()}", $"{template} => {TemplateFixtures.Render(template, variables)}");
            return;
        }

        var error = Record.Exception(() => TemplateFixtures.Render(template, variables));
        Assert.True(error is ArgumentException or NotSupportedException, $"{template} => {error?.GetType().Name ?? TemplateFixtures.Render(template, variables)}");
        Assert.Equal(snippet.GetProperty("refusal").GetString() ?? error!.Message, error!.Message);
    }

    [Fact]
    public void A_thousand_turns_are_well_within_the_limits()
    {
        ChatTemplate template = new("jinja", TemplateFixtures.Family("qwen3.jinja"), new Dictionary<string, string>(), _ => true);
        var messages = Enumerable.Range(0, 1000).Select(turn => new ChatMessage(turn % 2 == 0 ? "user" : "assistant", $"{turn} {new string('x', 500)}")).ToList();

        Assert.Contains("999 xxx", template.Render(messages), StringComparison.Ordinal);
    }

    private static List<ChatMessage> Messages(string name) =>
        [.. Conversations.GetProperty("conversations").GetProperty(name).EnumerateArray().Select(message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))];
}
