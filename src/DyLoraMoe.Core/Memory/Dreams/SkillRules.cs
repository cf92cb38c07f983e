using System.Text.RegularExpressions;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>
/// A verifier that people can write: for each skill a regular expression that prompt and answer together must match from end to end. It says what an answer looks like
/// (<c>Odd or even: \d+ -> (odd|even)</c>), and by references to what stands in the prompt also which answer is right (<c>Echo: (.*) -> \1</c>). 1 where it matches
/// or the skill has none, 0 elsewhere. Of a chat they are what its messages say, each from a line of its own, the answer last.
/// </summary>
public sealed class SkillRules : IDreamCritic
{
    // Far more than a rule needs for a short text; one that runs away counts as not matching.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Regex> _rules;

    /// <summary>Takes rules.</summary>
    /// <param name="patterns">Regular expressions by skill.</param>
    /// <exception cref="ArgumentException">One is none; the message names its skill.</exception>
    public SkillRules(IReadOnlyDictionary<string, string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        Patterns = new SortedDictionary<string, string>(patterns.ToDictionary(), StringComparer.Ordinal);
        _rules = Patterns.ToDictionary(pair => pair.Key, pair => RuleOf(pair.Key, pair.Value), StringComparer.Ordinal);
    }

    /// <summary>The regular expressions by skill.</summary>
    public IReadOnlyDictionary<string, string> Patterns { get; }

    /// <inheritdoc/>
    public string Name => "rules";

    /// <inheritdoc/>
    public double Least => 1;

    /// <inheritdoc/>
    public IReadOnlyList<DreamVerdict> Judge(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default) =>
    [
        .. dreams.Select(dream => dream.Skill is null || !_rules.TryGetValue(dream.Skill, out var rule) ? new DreamVerdict(1, "its skill has no rule")
            : new DreamVerdict(Matches(rule, TextOf(dream.Sample)) ? 1 : 0, $"the rule of {dream.Skill}")),
    ];

    /// <summary>How many of a skill's samples its rule holds for; null when it has none.</summary>
    /// <param name="skill">The skill.</param>
    /// <param name="samples">Real samples.</param>
    public int? HoldsFor(string skill, IEnumerable<Sample> samples) => _rules.TryGetValue(skill, out var rule) ? samples.Count(sample => Matches(rule, TextOf(sample))) : null;

    private static string TextOf(Sample sample) => sample.Conversation is null ? sample.Text : $"{sample.Prompt}\n{sample.Answer}";

    private static bool Matches(Regex rule, string text)
    {
        try
        {
            return rule.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static Regex RuleOf(string skill, string pattern)
    {
        try
        {
            return new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, _patience);
        }
        catch (RegexParseException error)
        {
            throw new ArgumentException($"The rule of skill '{skill}' is no regular expression: {error.Message}", nameof(pattern), error);
        }
    }
}
