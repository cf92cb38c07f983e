using DyLoraMoe.Demo.Lessons;
using DyLoraMoe.Demo.Output;
using DyLoraMoe.Demo.Serving;

namespace DyLoraMoe.Demo;

/// <summary>Puts the questions of lessons to the router, with its experts and without.</summary>
internal sealed class Examiner(RouterClient router, Scenario scenario, Screen screen)
{
    private const int AtOnce = 8;
    private const int Shown = 3;
    private const int Width = 56;

    /// <summary>How well the questions are answered.</summary>
    public async Task<Score> ScoreAsync(Lesson lesson, CancellationToken cancellation) =>
        new(await MarkAsync(router.Bare, lesson, cancellation), await MarkAsync(router.Routed, lesson, cancellation), lesson.Questions.Count);

    /// <summary>Writes a few questions with both answers and who gave them.</summary>
    public async Task ShowAsync(Lesson lesson, CancellationToken cancellation)
    {
        foreach (var question in lesson.Questions.Take(Shown))
        {
            var bare = await router.AskAsync(router.Bare, question.Prompt, scenario.Tokens, cancellation);
            var routed = await router.AskAsync(router.Routed, question.Prompt, scenario.Tokens, cancellation);
            var mark = scenario.Marking.Word(scenario.Marking.Mark(question, routed.Text));
            screen.Line($"  {Figures.Short(question.Prompt, Width),-28}  backbone: {Figures.Short(bare.Text, Width),-20}  {routed.Author}: {Figures.Short(routed.Text, Width),-18} {mark}");
        }
    }

    private async Task<double> MarkAsync(string model, Lesson lesson, CancellationToken cancellation)
    {
        var marks = new double[lesson.Questions.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, marks.Length), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (index, token) =>
        {
            var question = lesson.Questions[index];
            marks[index] = scenario.Marking.Mark(question, (await router.AskAsync(model, question.Prompt, scenario.Tokens, token)).Text);
        });
        return marks.Average();
    }
}
