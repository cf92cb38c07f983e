using System.Globalization;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Kubectl.Output;
using DyLoraMoe.Kubectl.Status;
using k8s.Models;

namespace DyLoraMoe.Kubectl.Why;

/// <summary>Parts that all explanations have.</summary>
internal static class Outline
{
    private const int MostEvents = 3;

    /// <summary>How it is, and what can be done about it.</summary>
    /// <param name="subject">The object in words, such as "Skill reverse".</param>
    /// <param name="conditions">Its conditions.</param>
    /// <param name="kind">The kind's name on a command line.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="backbone">The Backbone that it is of, which is what tries again what was refused; null for a Backbone itself.</param>
    public static IEnumerable<string> Head(string subject, IEnumerable<Condition> conditions, string kind, string name, string? backbone = null)
    {
        var state = State.Of(conditions);
        (kind, name) = state.Reason is Reasons.RegressionRefused or Reasons.RollOutStuck && backbone is not null ? ("backbone", backbone) : (kind, name);
        yield return state switch
        {
            { IsReady: true } => $"{subject} is ready: {Sentence(state.Message)}",
            { IsFailed: true } => $"{subject} cannot go on ({state.Reason}): {Sentence(state.Message)}",
            _ => $"{subject} is not ready yet and waits ({state.Reason}): {Sentence(state.Message)}",
        };
        if (!state.IsReady && Advice.For(state.Reason, kind, name) is { } advice)
        {
            yield return $"  What to do: {advice}";
        }
    }

    /// <summary>What went wrong lately, as it was recorded.</summary>
    public static IEnumerable<string> Warnings(IEnumerable<Corev1Event> events, DateTimeOffset now)
    {
        var some = events.Where(each => each.Type == "Warning").Take(MostEvents).ToList();
        if (some.Count > 0)
        {
            yield return "Warnings that were recorded:";
        }

        foreach (var each in some)
        {
            var age = Figures.Age(each.LastTimestamp ?? each.EventTime ?? each.Metadata.CreationTimestamp, now);
            yield return $"  {age} ago{(each.Count > 1 ? $", {each.Count} times" : "")}: {each.Reason}: {each.Message}";
        }
    }

    /// <summary>A text that ends as a sentence does.</summary>
    public static string Sentence(string text) => text.Length == 0 || text[^1] is '.' or '!' or '?' or '…' ? text : text + ".";

    /// <summary>A number that is kept as text; null when it is none.</summary>
    public static double? Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
