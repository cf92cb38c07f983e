namespace DyLoraMoe.Core.Routing;

/// <summary>A fitted router, which the caller owns, and how well it routes.</summary>
/// <param name="Router">The new router; the one it came from is unchanged.</param>
/// <param name="Report">Figures.</param>
public sealed record RouterFit(DynamicHybridRouter Router, RouterTrainingReport Report);

/// <summary>What fitting a router came to.</summary>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="Loss">Mean cross entropy of the last tenth of the steps, in nats per prompt; after <see cref="RouterFineTuning"/> the language loss, in nats per token. Not a number where nothing was fitted.</param>
/// <param name="Skills">Routing accuracy of every skill.</param>
/// <param name="DivergenceFromPast">Mean KL(p_old ‖ p_new) over the prompts of skills that were fitted before, in nats; null when there are none.</param>
public sealed record RouterTrainingReport(int Steps, double Loss, IReadOnlyList<SkillRouting> Skills, double? DivergenceFromPast)
{
    /// <summary>Mean accuracy over the skills, each counting the same.</summary>
    public double Accuracy => Skills.Average(skill => skill.Accuracy);
}

/// <summary>How one skill's prompts are routed.</summary>
/// <param name="Skill">The skill.</param>
/// <param name="Owner">The expert that should answer; null for the bare backbone.</param>
/// <param name="Prompts">Prompts measured on.</param>
/// <param name="IsHeldOut">Whether those were kept out of the fit.</param>
/// <param name="Accuracy">Share of prompts for which the owner is the likeliest.</param>
/// <param name="AccuracyBefore">The same with the router before the fit; null where it did not know the owner.</param>
/// <param name="Taken">Prompts that reached the owner before the fit and go to another expert now; 0 for the bare backbone's.</param>
public sealed record SkillRouting(string Skill, string? Owner, long Prompts, bool IsHeldOut, double Accuracy, double? AccuracyBefore, int Taken);
