using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>How answers are judged.</summary>
internal interface IMarking
{
    /// <summary>Whether the experts' answers must be worth more than the bare backbone's: where a small model is seldom right, only its loss decides.</summary>
    bool Decides { get; }

    /// <summary>What an answer is worth, 0 to 1.</summary>
    /// <param name="question">The prompt, with the answer that is right.</param>
    /// <param name="text">What was answered.</param>
    double Mark(Sample question, string text);

    /// <summary>A mark in a word or two.</summary>
    string Word(double mark);

    /// <summary>The answers to all questions of a skill in a sentence.</summary>
    string Sentence(Score score);
}
