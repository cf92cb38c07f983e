namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>
/// Samples of a family as <c>Task: input -&gt;</c> and the answer after one space: the notation that the corpus uses for the
/// tasks it does contain, so a new task is a new word in a known form.
/// </summary>
public static class SkillSamples
{
    private const int Tries = 2000;

    /// <summary>The sample with this input.</summary>
    public static Sample Make(ISkillFamily family, string input) => Sample.Pair($"{family.Task}: {input} ->", " " + family.Solve(input));

    /// <summary>Different samples in an order fixed by the seed. Fewer samples of the same seed are a prefix of more.</summary>
    /// <exception cref="ArgumentException">The family has not that many different inputs.</exception>
    public static IEnumerable<Sample> Generate(ISkillFamily family, ulong seed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var random = new SeededRandom(seed, SeededRandom.Key(family.Name));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < count)
        {
            yield return Make(family, DrawUnseen(family, random, seen, count));
        }
    }

    /// <summary>Whether the first line of <paramref name="output"/> is the answer, white space at the ends aside.</summary>
    public static bool IsCorrect(Sample sample, string output)
    {
        var end = output.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? output.AsSpan() : output.AsSpan(0, end);
        return line.Trim().SequenceEqual(sample.Answer.AsSpan().Trim());
    }

    private static string DrawUnseen(ISkillFamily family, SeededRandom random, HashSet<string> seen, int count)
    {
        for (var i = 0; i < Tries; i++)
        {
            var input = family.Draw(random);
            if (seen.Add(input))
            {
                return input;
            }
        }

        throw new ArgumentException(
            $"Family '{family.Name}' gave {seen.Count} different inputs and then none in {Tries} draws; ask for fewer than {count}.", nameof(count));
    }
}
