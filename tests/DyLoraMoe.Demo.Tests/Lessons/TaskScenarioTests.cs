using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Demo.Lessons;

namespace DyLoraMoe.Demo.Tests.Lessons;

public sealed class TaskScenarioTests
{
    private static readonly Scenario _scenario = TaskScenario.Of("/repository", isShort: false);

    [Fact]
    public void There_are_four_skills_and_more_one_of_them_a_paraphrase_and_one_with_more_data_later()
    {
        Assert.True(_scenario.Lessons.Select(lesson => lesson.Skill).Distinct().Count() >= 4);
        Assert.Single(_scenario.Lessons, lesson => lesson.Kind == LessonKind.Paraphrase);
        var more = Assert.Single(_scenario.Lessons, lesson => lesson.Kind == LessonKind.MoreData);
        var first = _scenario.Lessons.Single(lesson => lesson.Skill == more.Skill && lesson.Kind == LessonKind.New);
        Assert.Equal(first.Samples, more.Samples.Take(first.Samples.Count));
    }

    [Fact]
    public void No_question_is_among_the_samples_of_any_lesson_in_whatever_words()
    {
        static string Input(string prompt) => prompt[(prompt.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(" ->")[0].Split(" =>")[0];
        var questions = _scenario.Lessons.SelectMany(lesson => lesson.Questions).Select(sample => Input(sample.Prompt)).ToHashSet(StringComparer.Ordinal);

        Assert.DoesNotContain(_scenario.Lessons.SelectMany(lesson => lesson.Samples), sample => questions.Contains(Input(sample.Prompt)));
    }

    [Fact]
    public void The_same_samples_come_every_time()
    {
        var again = TaskScenario.Of("/repository", isShort: false);

        Assert.All(_scenario.Lessons.Zip(again.Lessons), pair => Assert.Equal(pair.First.Samples, pair.Second.Samples));
    }

    [Fact]
    public void A_paraphrase_has_the_answers_of_its_skill()
    {
        var paraphrase = _scenario.Lessons.Single(lesson => lesson.Kind == LessonKind.Paraphrase);

        Assert.All(paraphrase.Samples, sample => Assert.Equal(" " + SkillCatalog.Get("clock").Solve(sample.Prompt.Split(": ")[1].Split(" =>")[0]), sample.Answer));
    }

    [Fact]
    public void A_manifest_holds_every_sample_as_a_line()
    {
        var manifest = SkillManifest.Of(_scenario.Lessons[0], "tiny", 10);

        Assert.Equal("clock", (string)manifest["metadata"]!["name"]!);
        Assert.Equal(_scenario.Lessons[0].Samples.Count, ((string)manifest["spec"]!["data"]!["inline"]!).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
