using DyLoraMoe.Core.Data.Reading;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Data.Reading;

public class PromptTemplateTests
{
    private static readonly Dictionary<string, string> Fields = new() { ["a"] = "1", ["b"] = "{a}", ["empty"] = "", ["two words"] = "2" };

    [Theory]
    [InlineData("", "")]
    [InlineData("x{a}y{a}", "x1y1")]
    [InlineData("{b}", "{a}")]
    [InlineData("{{a}} {{{a}}}", "{a} {1}")]
    [InlineData("{two words}", "2")]
    [InlineData("[{none?}{empty?}{a?}]", "[1]")]
    [InlineData("{?a}yes {a}{/a}{?none}no {none}{/none}{?empty}no{/empty}.", "yes 1.")]
    [InlineData("{?a}{?none}x{/none}y{/a}{?none}{?a}z{/a}{/none}", "y")]
    public void Fields_sections_and_braces_render(string template, string expected)
    {
        Assert.True(PromptTemplate.Parse(template).TryRender(Fields, out var text, out _));
        Assert.Equal(expected, text);
    }

    [Fact]
    public void A_field_that_is_missing_is_named()
    {
        Assert.False(PromptTemplate.Parse("{a} {other}").TryRender(Fields, out _, out var missing));
        Assert.Equal("other", missing);
    }

    [Theory]
    [InlineData("ab{c", "character 3: expected a closing brace")]
    [InlineData("a}b", "character 2: expected no closing brace")]
    [InlineData("{}", "the name of a field")]
    [InlineData("{ a }", "the name of a field")]
    [InlineData("{?a}b", "a closing {/a}")]
    [InlineData("b{/a}", "an opening {?a}")]
    [InlineData("{?a}{?b}{/a}{/b}", "an opening {?a}")]
    public void A_template_that_is_none_says_where_and_why(string template, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => PromptTemplate.Parse(template)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_fields_of_a_template_are_known() =>
        Assert.Equal(["a", "c", "b"], PromptTemplate.Parse("{a}{?c}{b?}{a}{/c}").Fields);

    [Fact]
    public void A_command_line_writes_line_feeds_as_two_characters()
    {
        Assert.True(PromptTemplate.Parse(PromptTemplate.Unescape(@"Q: {a}\nA:\t\\n\x")).TryRender(Fields, out var text, out _));
        Assert.Equal("Q: 1\nA:\t\\n\\x", text);
    }

    [Fact]
    public void An_escaped_text_renders_as_itself() =>
        Law.Holds(DatasetReaderTests.SampleText, text =>
        {
            Assert.True(PromptTemplate.Parse(PromptTemplate.Escape(text)).TryRender(Fields, out var rendered, out _));
            Assert.Equal(text, rendered);
        });

    [Fact]
    public void Values_are_put_in_unseen_and_text_around_them_stays() =>
        Law.Holds(DatasetReaderTests.SampleText.Three(), c =>
        {
            var template = PromptTemplate.Parse($"{PromptTemplate.Escape(c.Item1)}{{v}}{PromptTemplate.Escape(c.Item3)}");

            Assert.True(template.TryRender(new Dictionary<string, string> { ["v"] = c.Item2 }, out var text, out _));
            Assert.Equal(c.Item1 + c.Item2 + c.Item3, text);
        });

    [Fact]
    public void Any_text_is_a_template_or_a_clear_error() =>
        Law.Holds(
            Gen.Elements("{", "}", "?", "/", "a", "b", " ").ArrayOf().Select(string.Concat),
            text =>
            {
                try
                {
                    PromptTemplate.Parse(text).TryRender(Fields, out _, out _);
                }
                catch (FormatException error)
                {
                    Assert.StartsWith("Prompt template, character ", error.Message, StringComparison.Ordinal);
                }
            },
            cases: 500);
}
