using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>Inputs of a family, each once, in an order that the seed decides: parts of the order never share an input.</summary>
/// <param name="family">What is to be done with an input.</param>
/// <param name="seed">Decides the inputs.</param>
/// <param name="longest">Longest input, in characters.</param>
internal sealed class TaskDrawer(ISkillFamily family, ulong seed, int longest = int.MaxValue)
{
    private const int Tries = 10_000;

    private readonly SeededRandom _random = new(seed, SeededRandom.Key(family.Name));
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _inputs = [];

    /// <summary>Samples of a part of the order.</summary>
    /// <param name="first">Where the part begins.</param>
    /// <param name="count">How many.</param>
    /// <param name="prompt">Words around the input, which stands for {0}; null for the family's own.</param>
    public IReadOnlyList<Sample> Take(int first, int count, string? prompt = null)
    {
        while (_inputs.Count < first + count)
        {
            _inputs.Add(Draw());
        }

        return [.. _inputs.GetRange(first, count).Select(input => prompt is null
            ? SkillSamples.Make(family, input)
            : Sample.Pair(prompt.Replace("{0}", input, StringComparison.Ordinal), " " + family.Solve(input)))];
    }

    private string Draw()
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var input = family.Draw(_random);
            if (input.Length <= longest && _seen.Add(input))
            {
                return input;
            }
        }

        throw new InvalidOperationException($"The family '{family.Name}' has no more than {_inputs.Count} inputs of at most {longest} characters.");
    }
}
