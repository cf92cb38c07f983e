namespace DyLoraMoe.Core.Memory.Dreams;

/// <summary>Says how good the answer to a dream is: the training signal.</summary>
public interface IDreamCritic
{
    /// <summary>Its name, for reports.</summary>
    string Name { get; }

    /// <summary>The least score with which a dream is kept.</summary>
    double Least { get; }

    /// <summary>Scores answers.</summary>
    /// <param name="dreams">Prompts with the answers that most candidates gave.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <returns>One score a dream, 0 to 1.</returns>
    IReadOnlyList<double> Score(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default);
}

/// <summary>A prompt with an answer to be judged.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">The answer.</param>
public sealed record DreamtAnswer(string Prompt, string Answer);

/// <summary>A critic that knows the rule: 1 where it holds, 0 where not. It may know rules, and must not know held-out answers.</summary>
/// <param name="name">What the rule is, for reports.</param>
/// <param name="holds">Whether an answer is right; null where the rule does not apply, which counts as wrong.</param>
public sealed class RuleCritic(string name, Func<string, string, bool?> holds) : IDreamCritic
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public double Least => 1;

    /// <inheritdoc/>
    public IReadOnlyList<double> Score(IReadOnlyList<DreamtAnswer> dreams, CancellationToken cancellation = default) =>
        [.. dreams.Select(dream => holds(dream.Prompt, dream.Answer) == true ? 1.0 : 0.0)];
}
