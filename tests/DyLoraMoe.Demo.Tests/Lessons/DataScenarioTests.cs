using DyLoraMoe.Demo.Lessons;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Demo.Tests.Lessons;

public sealed class DataScenarioTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Real_data_make_four_skills_a_paraphrase_and_more_data_and_what_is_asked_is_never_taught()
    {
        var scenario = DataScenario.Of(SharedFiles.Shared("data"), _folder.FullPath, isShort: false);

        Assert.Equal(["maths", "python", "shell", "spoken", "maths"], scenario.Lessons.Select(lesson => lesson.Skill));
        Assert.All(scenario.Lessons, lesson => Assert.Equal(20, lesson.Questions.Count));
        var more = scenario.Lessons[^1];
        Assert.Equal(scenario.Lessons[0].Samples, more.Samples.Take(scenario.Lessons[0].Samples.Count));
        var taught = scenario.Lessons.SelectMany(lesson => lesson.Samples).Select(sample => sample.Answer).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(scenario.Lessons.Where(lesson => lesson.Skill != "shell").SelectMany(lesson => lesson.Questions), question => taught.Contains(question.Answer));
        Assert.Equal(scenario.Lessons[0].Questions.Select(question => question.Answer), scenario.Lessons[3].Questions.Select(question => question.Answer));
    }

    [Fact]
    public void The_backbone_reads_questions_and_none_of_the_answers()
    {
        var scenario = DataScenario.Of(SharedFiles.Shared("data"), _folder.FullPath, isShort: false);

        var corpus = File.ReadAllText(_folder["corpus.txt"]);
        Assert.Contains("First Citizen", corpus, StringComparison.Ordinal);
        Assert.DoesNotContain("####", corpus, StringComparison.Ordinal);
        Assert.DoesNotContain(scenario.Lessons[0].Samples, sample => corpus.Contains(sample.Prompt.Trim(), StringComparison.Ordinal));
        Assert.Contains("hostPath: {path: " + _folder.FullPath, File.ReadAllText(Assert.Single(scenario.Manifests)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_the_data_is_refused_with_the_file_that_is_missing() =>
        Assert.Contains(_folder["gsm8k.jsonl"], Assert.Throws<DemoException>(() => DataScenario.Of(_folder.FullPath, _folder.FullPath, isShort: false)).Message, StringComparison.Ordinal);
}
