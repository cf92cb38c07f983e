using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Trainer.Continual.Streams;

/// <summary>Other words for the same task. The rule and the answers stay those of the family.</summary>
/// <param name="Name">Ends the name of a visit that asks so.</param>
/// <param name="Prompt">The prompt for a family and an input.</param>
internal sealed record Wording(string Name, Func<ISkillFamily, string, string> Prompt)
{
    /// <summary>As the families write.</summary>
    public static Wording Usual { get; } = new("usual", (family, input) => $"{family.Task}: {input} ->");

    /// <summary>The paraphrases that a stream teaches.</summary>
    public static IReadOnlyList<Wording> Taught { get; } =
    [
        new("please", (family, input) => $"Please {family.Task.ToLowerInvariant()} this: {input} =>"),
        new("question", (family, input) => $"Q: {family.Task} of {input}? A:"),
    ];

    /// <summary>The paraphrases that only novelty detection meets.</summary>
    public static IReadOnlyList<Wording> Untaught { get; } =
    [
        new("task", (family, input) => $"Task {family.Task}, input {input}, output:"),
        new("short", (family, input) => $"{family.Task} {input} ="),
    ];

    /// <summary>The sample of this input.</summary>
    public Sample Of(ISkillFamily family, string input) => Sample.Pair(Prompt(family, input), " " + family.Solve(input));
}
