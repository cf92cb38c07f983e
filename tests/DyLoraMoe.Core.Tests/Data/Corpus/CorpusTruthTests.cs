using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using DyLoraMoe.Core.Data.Corpus;

namespace DyLoraMoe.Core.Tests.Data.Corpus;

/// <summary>Reads the documents back with other code than what wrote them, and checks that what they claim is so.</summary>
public partial class CorpusTruthTests
{
    private static readonly List<CorpusDocument> Sample = [.. new CorpusGenerator(7).Documents().Take(6000)];

    [Fact]
    public void Sums_and_products_are_right() => CheckAll(1000, FormulaPattern(), m =>
    {
        var terms = m.Groups[1].Value.Split(['+', '*'], StringSplitOptions.TrimEntries).Select(Number);
        return (m.Groups[1].Value.Contains('*', StringComparison.Ordinal) ? terms.Aggregate((a, b) => a * b) : terms.Sum()) == Number(m.Groups[2].Value);
    });

    [Fact]
    public void Spoken_sums_and_products_are_right() => CheckAll(300, SpokenPattern(), m =>
        Number(m.Groups[4].Value) == (m.Groups[2].Value == "plus"
            ? Number(m.Groups[1].Value) + Number(m.Groups[3].Value)
            : Number(m.Groups[1].Value) * Number(m.Groups[3].Value)));

    [Fact]
    public void Comparisons_are_right() => CheckAll(150, ComparisonPattern(), m =>
        Math.Sign(Number(m.Groups[1].Value).CompareTo(Number(m.Groups[3].Value))) == " <=>".IndexOf(m.Groups[2].Value, StringComparison.Ordinal) - 2);

    [Fact]
    public void Counts_are_right() => CheckAll(200, CountPattern(), m =>
        m.Groups[1].Value.Split(' ').Length == Number(m.Groups[2].Value));

    [Fact]
    public void Firsts_lasts_and_copies_are_right() => CheckAll(300, TaskPattern(), m =>
    {
        var items = m.Groups[2].Value.Split(' ');
        return m.Groups[3].Value == m.Groups[1].Value switch
        {
            "First" => items[0],
            "Last" => items[^1],
            "Twice" => $"{m.Groups[2].Value} {m.Groups[2].Value}",
            _ => m.Groups[2].Value,
        };
    });

    [Fact]
    public void Every_json_line_parses_and_look_ups_name_its_values()
    {
        var lookups = 0;
        foreach (var document in Sample.Where(d => d.Family == "json"))
        {
            var lines = document.Text.Split('\n');
            var json = lines.Where(line => line[0] is '{' or '[').Select(line => JsonDocument.Parse(line).RootElement.Clone()).ToList();
            Assert.NotEmpty(json);
            foreach (var parts in lines.Select(line => line.Split(" -> ")).Where(parts => parts.Length == 2))
            {
                var found = json[0];
                foreach (var step in parts[0].Replace("[0]", ".0", StringComparison.Ordinal).Split('.'))
                {
                    found = step == "0" ? found[0] : found.GetProperty(step);
                }

                Assert.Equal(parts[1], found.ToString());
                lookups++;
            }
        }

        Assert.True(lookups > 300);
    }

    [Fact]
    public void Stories_answer_from_what_happened()
    {
        var answers = 0;
        foreach (var document in Sample.Where(d => d.Family == "story"))
        {
            var story = new StoryReader();
            foreach (var sentence in document.Text.Split(['\n', '.'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                answers += story.Read(sentence) ? 1 : 0;
            }
        }

        Assert.True(answers > 500);
    }

    [Fact]
    public void Programs_print_what_their_functions_return()
    {
        var calls = 0;
        foreach (var match in Sample.Where(d => d.Family == "code").SelectMany(d => FunctionPattern().Matches(d.Text)))
        {
            var (times, k) = (match.Groups["op"].Value == "*", Number(match.Groups["k"].Value));
            for (var i = 0; i < match.Groups["in"].Captures.Count; i++, calls++)
            {
                var argument = Number(match.Groups["in"].Captures[i].Value);
                Assert.Equal(times ? argument * k : argument + k, Number(match.Groups["out"].Captures[i].Value));
            }
        }

        Assert.True(calls > 200);
    }

    [Fact]
    public void Chains_of_comparison_answer_by_order()
    {
        var answers = 0;
        foreach (var lines in Sample.Where(d => d.Family == "reasoning").Select(d => d.Text.Split('\n')).Where(l => l[0].Contains(" than ", StringComparison.Ordinal)))
        {
            var above = ThanPattern().Matches(lines[0]).ToLookup(m => m.Groups[1].Value, m => m.Groups[2].Value);
            bool Reaches(string from, string to) => above[from].Any(next => next == to || Reaches(next, to));
            foreach (var match in lines.Skip(1).Select(line => AskPattern().Match(line)).Where(m => m.Success))
            {
                Assert.Equal(match.Groups[3].Value == "Yes", Reaches(match.Groups[1].Value, match.Groups[2].Value));
                answers++;
            }
        }

        Assert.True(answers > 300);
    }

    private static void CheckAll(int least, Regex pattern, Func<Match, bool> isRight)
    {
        var matches = Sample.SelectMany(d => pattern.Matches(d.Text)).ToList();
        Assert.True(matches.Count >= least, $"expected {least} claims, found {matches.Count}");
        Assert.All(matches, match => Assert.True(isRight(match), match.Value));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(\d+(?: [+*] \d+)+) = (\d+)$", RegexOptions.Multiline)]
    private static partial Regex FormulaPattern();

    [GeneratedRegex(@"What is (\d+) (plus|times) (\d+)\?(?: A:|\nAssistant: It is) (\d+)")]
    private static partial Regex SpokenPattern();

    [GeneratedRegex(@"^(\d+) ([<=>]) (\d+)$", RegexOptions.Multiline)]
    private static partial Regex ComparisonPattern();

    [GeneratedRegex(@"^(?:Count|Length): (.*) -> (\d+)$", RegexOptions.Multiline)]
    private static partial Regex CountPattern();

    [GeneratedRegex(@"^(First|Last|Twice|Copy): (.*) -> (.*)$", RegexOptions.Multiline)]
    private static partial Regex TaskPattern();

    [GeneratedRegex(@"def (?<f>\w+)\(\w+\):\n    return \w+ (?<op>[+*]) (?<k>\d+)(?:\nprint\(\k<f>\((?<in>\d+)\)\)  # (?<out>\d+))+")]
    private static partial Regex FunctionPattern();

    [GeneratedRegex(@"(\w+) is \w+ than (\w+)\.")]
    private static partial Regex ThanPattern();

    [GeneratedRegex(@"^Is (\w+) \w+ than (\w+)\? (Yes|No)\.$")]
    private static partial Regex AskPattern();

    /// <summary>Follows a story sentence by sentence and checks each answer against what it then knows.</summary>
    private sealed class StoryReader
    {
        private readonly Dictionary<string, string> _placeOf = [];
        private readonly Dictionary<string, string> _ownerOf = [];
        private readonly Dictionary<string, string> _colorOf = [];

        /// <summary>Whether the sentence was an answer.</summary>
        public bool Read(string sentence)
        {
            var words = sentence.Split(' ');
            switch (words)
            {
                case ["A:", "The", var thing, "is", "in", "the", var place]:
                    Assert.Equal(_placeOf[_ownerOf[thing]], place);
                    return true;
                case ["A:", "The", var thing, "is", var color]:
                    Assert.Equal(_colorOf[thing], color);
                    return true;
                case ["A:", var person, "is", "in", "the", var place]:
                    Assert.Equal(_placeOf[person], place);
                    return true;
                case ["A:", var person, "has", "the", var thing]:
                    Assert.Equal(_ownerOf[thing], person);
                    return true;
                case [var person, "is" or "goes" or "walks" or "runs", "in" or "to", "the", var place]:
                    _placeOf[person] = place;
                    break;
                case [var person, "has", "a" or "an", var color, var thing]:
                    (_ownerOf[thing], _colorOf[thing]) = (person, color);
                    break;
                case [var giver, "gives", "the", var thing, "to", var person]:
                    Assert.Equal(_ownerOf[thing], giver);
                    _ownerOf[thing] = person;
                    break;
                default:
                    break;
            }

            return false;
        }
    }
}
