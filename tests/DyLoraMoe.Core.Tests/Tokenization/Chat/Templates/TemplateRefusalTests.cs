using DyLoraMoe.Core.Tokenization.Chat.Templates;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tests.Tokenization.Chat.Templates;

public sealed class TemplateRefusalTests
{
    [Theory]
    [InlineData("a\n{% include 'x' %}", "line 2", "include")]
    [InlineData("{% extends 'x' %}", "line 1", "extends")]
    [InlineData("\n\n{% if false %}{{ x | xmlattr }}{% endif %}", "line 3", "xmlattr")]
    [InlineData("{{ x is filter }}", "line 1", "'filter'")]
    [InlineData("{{\n x.encode() }}", "line 2", "encode")]
    [InlineData("{{ f(*args) }}", "line 1", "list as arguments")]
    [InlineData("{% for x in y recursive %}{% endfor %}", "line 1", "recursive")]
    [InlineData("{{ cycler('a') }}", "line 1", "cycler")]
    [InlineData("{% macro m() %}{{ varargs }}{% endmacro %}", "line 1", "varargs")]
    [InlineData(@"{{ '\N{BULLET}' }}", "line 1", @"\N")]
    [InlineData("{{ 99999999999999999999 }}", "line 1", "64 bits")]
    [InlineData("{% if x %}\n{% for y in z %}\n", "line 2", "endfor")]
    public void What_is_not_supported_is_named_with_its_line_before_anything_is_written(string template, string line, string construct)
    {
        var error = Assert.Throws<NotSupportedException>(() => Template.Parse(template));
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains(construct, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n{{ messages.x.y }}", "Line 2", "has no 'x'")]
    [InlineData("{{ nothing.x }}", "Line 1", "'nothing' is undefined")]
    [InlineData("{{ messages.append(1) }}", "Line 1", "'append' would change a list")]
    [InlineData("{{ 1 + 'a' }}", "Line 1", "a number and a text")]
    public void What_goes_wrong_while_it_runs_is_told_with_its_line(string template, string line, string reason)
    {
        var error = Assert.Throws<ArgumentException>(() => TemplateFixtures.Render(template, ("messages", new ListValue([]))));
        Assert.Contains(line, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ range(100001) }}", "range")]
    [InlineData("{{ range(9223372036854775807) }}", "range")]
    [InlineData("{{ 'x' * 99999999999 }}", "text")]
    [InlineData("{{ [1] * 99999999999 }}", "list")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}", "text")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "list")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "Lists")]
    [InlineData("{% set ns = namespace(x={}) %}{% for i in range(999) %}{% set ns.x = {'a': ns.x} %}{% endfor %}{{ ns.x }}", "Lists")]
    [InlineData("{% set x = 'x' * 3000000 %}{{ x }}{{ x }}{{ x }}", "text")]
    [InlineData("{% set x = 'x' * 3000000 %}{{ x.replace('', x) }}", "text")]
    [InlineData("{% set x = 'x' * 3000000 %}{{ x | list }}", "list")]
    [InlineData("{% set x = 'x' * 3000000 %}{% for i in range(1000) %}{% set y = x.upper() %}{% endfor %}", "steps")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "Macros")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "64 bits")]
    [InlineData("{{ 2 ** 99 }}", "64 bits")]
    [InlineData("{{ (0 - 9223372036854775807 - 1) // -1 }}", "64 bits")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}", "namespace")]
    [InlineData("{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x | tojson }}", "namespace")]
    public void A_template_that_asks_for_too_much_is_stopped(string template, string limit)
        => Assert.Contains(limit, Assert.Throws<ArgumentException>(() => TemplateFixtures.Render(template)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("(", "1", ")")]
    [InlineData("[", "1", "]")]
    [InlineData("not ", "1", "")]
    [InlineData("-", "1", "")]
    [InlineData("1 if 1 else ", "1", "")]
    [InlineData("{1:", "1", "}")]
    [InlineData("x[", "1", "]")]
    public void Depth_is_bounded_before_it_hurts(string open, string core, string close)
    {
        var template = $"{{{{ {string.Concat(Enumerable.Repeat(open, 20_000))}{core}{string.Concat(Enumerable.Repeat(close, 20_000))} }}}}";
        Assert.Throws<NotSupportedException>(() => Template.Parse(template));
    }

    [Theory]
    [InlineData(" + 1")]
    [InlineData(" | string")]
    [InlineData(".x")]
    [InlineData("[0]")]
    [InlineData(" ~ 1")]
    [InlineData(" and 1")]
    [InlineData(" if 1")]
    [InlineData(" is eq 1")]
    [InlineData(" == 1")]
    public void Length_is_no_danger(string repeated)
    {
        var template = $"{{{{ 1{string.Concat(Enumerable.Repeat(repeated, 20_000))} }}}}";
        var error = Record.Exception(() => TemplateFixtures.Render(template));
        Assert.True(error is null or ArgumentException or NotSupportedException, error?.ToString());
    }

    [Fact]
    public void Blocks_within_blocks_are_bounded_too()
        => Assert.Throws<NotSupportedException>(() => Template.Parse(string.Concat(Enumerable.Repeat("{% if 1 %}", 10_000))));

    [Fact]
    public void A_source_without_end_is_refused()
        => Assert.Throws<NotSupportedException>(() => Template.Parse(new string('x', TemplateLimits.Source + 1)));

    [Fact]
    public void Damaged_sources_give_a_clear_error_or_a_text()
    {
        var source = TemplateFixtures.Family("qwen3.jinja");
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var (start, length) = (random.Next(source.Length - 20), random.Next(1, 20));
            var damaged = random.Next(2) == 0 ? source.Remove(start, length) : source.Insert(start, source.Substring(random.Next(source.Length - 20), length));
            var error = Record.Exception(() => TemplateFixtures.Render(damaged, ("messages", new ListValue([]))));
            Assert.True(error is null or ArgumentException or NotSupportedException, error?.ToString());
        }
    }
}
