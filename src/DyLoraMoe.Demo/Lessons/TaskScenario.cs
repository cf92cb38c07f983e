using DyLoraMoe.Core.Data.SkillFamilies;

namespace DyLoraMoe.Demo.Lessons;

/// <summary>Tasks that the built-in backbone's corpus left out, made here from a seed.</summary>
internal static class TaskScenario
{
    /// <summary>Prompts that a skill is asked and never learns from.</summary>
    private const int Questions = 25;

    private const ulong Seed = 26;

    // Five letters with spaces between them: more take a longer lesson than one wants to watch.
    private const int LongestRow = 9;

    /// <summary>The whole demonstration, or the shortest that shows a skill and its paraphrase.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="isShort">Whether the shortest.</param>
    public static Scenario Of(string root, bool isShort)
    {
        var clock = new TaskDrawer(SkillCatalog.Get("clock"), Seed);
        var reverse = new TaskDrawer(SkillCatalog.Get("reverse"), Seed, LongestRow);
        var units = new TaskDrawer(SkillCatalog.Get("units"), Seed);
        const string Spoken = "Please clock this: {0} =>";
        Lesson[] lessons =
        [
            Lesson("clock", LessonKind.New, "Times of 24 hours with am or pm, which the backbone has never seen", clock, 0, 600),
            Lesson("reverse", LessonKind.New, "Three to five letters in the opposite order", reverse, 0, 400),
            Lesson("units", LessonKind.New, "Lengths, weights and durations in a smaller unit", units, 0, 500),
            Lesson("spoken", LessonKind.Paraphrase, "The clock in other words: no expert may come of it", clock, 600, 120, Spoken),
            Lesson("reverse", LessonKind.MoreData, "The same Skill with 600 samples more", reverse, 0, 1000),
        ];
        return new Scenario
        {
            Backbone = "tiny",
            Story = "models/dylora-tiny, 1.8 million weights, which has seen small languages made for it and none of the tasks below",
            Manifests = [Sample("store.yaml"), Sample("backbone.yaml")],
            Lessons = isShort ? [lessons[0], lessons[3]] : lessons,
            Deleted = isShort ? null : "units",
        };

        string Sample(string name) => Path.Combine(root, "config", "samples", name);
    }

    private static Lesson Lesson(string skill, LessonKind kind, string story, TaskDrawer drawer, int first, int count, string? prompt = null) => new()
    {
        Skill = skill,
        Kind = kind,
        Story = story,
        Questions = drawer.Take(0, Questions, prompt),
        Samples = drawer.Take(Questions + first, count, prompt),
    };
}
