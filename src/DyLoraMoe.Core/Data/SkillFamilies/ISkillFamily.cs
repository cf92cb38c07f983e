namespace DyLoraMoe.Core.Data.SkillFamilies;

/// <summary>A kind of task that the corpus of the built-in backbone never shows, so that it can be taught as a new skill.</summary>
public interface ISkillFamily
{
    /// <summary>Short name, usable as the name of a skill.</summary>
    string Name { get; }

    /// <summary>What has to be done, in one sentence.</summary>
    string Description { get; }

    /// <summary>The word that opens every prompt of the family.</summary>
    string Task { get; }

    /// <summary>Regular expressions that match prompts or answers of the family and nothing in the corpus.</summary>
    IReadOnlyList<string> Markers { get; }

    /// <summary>An input, drawn from <paramref name="random"/> alone.</summary>
    string Draw(SeededRandom random);

    /// <summary>The only right output for <paramref name="input"/>.</summary>
    string Solve(string input);
}
