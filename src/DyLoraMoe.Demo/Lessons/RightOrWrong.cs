using System.Globalization;
using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>An answer is the right one, or it is wrong.</summary>
internal sealed class RightOrWrong : IMarking
{
    /// <inheritdoc/>
    public bool Decides => true;

    /// <inheritdoc/>
    public double Mark(Sample question, string text) => SkillSamples.IsCorrect(question, text) ? 1 : 0;

    /// <inheritdoc/>
    public string Word(double mark) => mark > 0 ? "right" : "wrong";

    /// <inheritdoc/>
    public string Sentence(Score score) =>
        string.Create(CultureInfo.InvariantCulture, $"{score.Routed * score.Questions:0} of {score.Questions} questions answered right, {score.Bare * score.Questions:0} by the bare backbone");
}
