using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Core.Tests.Data.SkillFamilies;

public class SkillFamilyTests
{
    public static TheoryData<string> Names { get; } = [.. SkillCatalog.All.Select(family => family.Name)];

    [Theory]
    [InlineData("binary", "10", "1 0 1 0")]
    [InlineData("binary", "0", "0")]
    [InlineData("brackets", "( [ ] {", "} )")]
    [InlineData("caesar", "a x z", "d a c")]
    [InlineData("clock", "00:05", "12:05 am")]
    [InlineData("clock", "12:30", "12:30 pm")]
    [InlineData("clock", "23:59", "11:59 pm")]
    [InlineData("csv-to-json", "name,age ; Ana,7", "{\"name\": \"Ana\", \"age\": 7}")]
    [InlineData("date", "2031-03-07", "7 March 2031")]
    [InlineData("dialect", "the red dog sees a key", "mo zira nak pon lu ospa")]
    [InlineData("distinct", "a b a c b", "a b c")]
    [InlineData("divide", "36 / 12", "3")]
    [InlineData("reverse", "k d m a", "a m d k")]
    [InlineData("roman", "1994", "M C M X C I V")]
    [InlineData("roman", "4", "I V")]
    [InlineData("sort", "k d m a d", "a d d k m")]
    [InlineData("sql", "name of pets with age above 5", "SELECT name FROM pets WHERE age > 5;")]
    [InlineData("sql", "name of pets with age equal to 5", "SELECT name FROM pets WHERE age = 5;")]
    [InlineData("subtract", "47 - 12", "35")]
    [InlineData("units", "3 m to cm", "300 cm")]
    [InlineData("vowels", "a b e o z", "3")]
    public void A_family_solves_what_a_person_solved(string name, string input, string output)
    {
        Assert.Equal(output, SkillCatalog.Get(name).Solve(input));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_are_different_repeatable_and_a_prefix_of_more(string name)
    {
        var family = SkillCatalog.Get(name);
        var samples = SkillSamples.Generate(family, seed: 3, count: 600).ToList();

        Assert.Equal(600, samples.Select(s => s.Prompt).Distinct().Count());
        Assert.Equal(samples.Take(100), SkillSamples.Generate(family, seed: 3, count: 100));
        Assert.NotEqual(samples.Take(100), SkillSamples.Generate(family, seed: 4, count: 100));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Samples_are_ascii_lines_of_one_form(string name)
    {
        var family = SkillCatalog.Get(name);

        Assert.All(SkillSamples.Generate(family, seed: 1, count: 300), sample =>
        {
            Assert.StartsWith($"{family.Task}: ", sample.Prompt, StringComparison.Ordinal);
            Assert.EndsWith(" ->", sample.Prompt, StringComparison.Ordinal);
            Assert.StartsWith(" ", sample.Answer, StringComparison.Ordinal);
            Assert.All(sample.Text, c => Assert.InRange(c, ' ', '~'));
            Assert.InRange(sample.Text.Length, 8, 130);
        });
    }

    [Fact]
    public void Numbers_come_back_from_binary_and_roman()
    {
        foreach (var number in Enumerable.Range(1, 1023))
        {
            var bits = SkillCatalog.Get("binary").Solve($"{number}").Replace(" ", "", StringComparison.Ordinal);
            Assert.Equal(number, Convert.ToInt32(bits, 2));
            Assert.Equal(number, ReadRoman(SkillCatalog.Get("roman").Solve($"{number}").Replace(" ", "", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Closing_brackets_balance_what_was_open()
    {
        foreach (var sample in SkillSamples.Generate(SkillCatalog.Get("brackets"), seed: 2, count: 500))
        {
            var text = (sample.Prompt["Close: ".Length..^" ->".Length] + sample.Answer).Replace(" ", "", StringComparison.Ordinal);
            for (var length = text.Length + 1; length > text.Length;)
            {
                length = text.Length;
                text = text.Replace("()", "", StringComparison.Ordinal).Replace("[]", "", StringComparison.Ordinal).Replace("{}", "", StringComparison.Ordinal);
            }

            Assert.Empty(text);
        }
    }

    [Fact]
    public void An_output_is_correct_when_its_first_line_is_the_answer()
    {
        var sample = Sample.Pair("Reverse: a b ->", " b a");

        Assert.True(SkillSamples.IsCorrect(sample, " b a"));
        Assert.True(SkillSamples.IsCorrect(sample, "b a \nReverse: c d"));
        Assert.False(SkillSamples.IsCorrect(sample, "b a b"));
        Assert.False(SkillSamples.IsCorrect(sample, "\nb a"));
    }

    [Fact]
    public void Asking_for_more_than_there_is_names_the_family()
    {
        var error = Assert.Throws<ArgumentException>(() => SkillSamples.Generate(SkillCatalog.Get("binary"), 1, 2000).Count());
        Assert.Contains("binary", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SkillCatalog.Get("nothing"));
    }

    private static int ReadRoman(string signs)
    {
        var values = signs.Select(sign => sign switch { 'I' => 1, 'V' => 5, 'X' => 10, 'L' => 50, 'C' => 100, 'D' => 500, _ => 1000 }).ToArray();
        return values.Select((value, i) => i + 1 < values.Length && values[i + 1] > value ? -value : value).Sum();
    }
}
