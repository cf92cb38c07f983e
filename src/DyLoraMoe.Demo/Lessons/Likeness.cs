using System.Globalization;
using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>
/// How much an answer is like the one in the data, where there are many good ones: chrF2, the F-score of runs of one to six characters with recall
/// counting twice, spaces left out (Popović 2015).
/// </summary>
internal sealed class Likeness : IMarking
{
    private const int Longest = 6;
    private const double Beta = 2;

    /// <inheritdoc/>
    public bool Decides => false;

    /// <inheritdoc/>
    public double Mark(Sample question, string text)
    {
        var (wanted, found) = (Dense(question.Answer), Dense(text));
        double precision = 0, recall = 0;
        var orders = 0;
        for (var length = 1; length <= Longest && length <= wanted.Length; length++)
        {
            var (expected, actual) = (Runs(wanted, length), Runs(found, length));
            var common = expected.Sum(run => Math.Min(run.Value, actual.GetValueOrDefault(run.Key)));
            precision += actual.Count == 0 ? 0 : (double)common / actual.Values.Sum();
            recall += (double)common / expected.Values.Sum();
            orders++;
        }

        (precision, recall) = (precision / Math.Max(orders, 1), recall / Math.Max(orders, 1));
        return precision + recall == 0 ? 0 : (1 + (Beta * Beta)) * precision * recall / ((Beta * Beta * precision) + recall);
    }

    /// <inheritdoc/>
    public string Word(double mark) => string.Create(CultureInfo.InvariantCulture, $"{100 * mark:0}% alike");

    /// <inheritdoc/>
    public string Sentence(Score score) =>
        string.Create(CultureInfo.InvariantCulture, $"answers to {score.Questions} questions are {100 * score.Routed:0}% like those in the data (chrF), {100 * score.Bare:0}% the bare backbone's");

    private static string Dense(string text) => string.Concat(text.Where(each => !char.IsWhiteSpace(each)));

    private static Dictionary<string, int> Runs(string text, int length) =>
        Enumerable.Range(0, Math.Max(0, text.Length - length + 1)).Select(at => text.Substring(at, length)).CountBy(run => run, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
}
