using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Data.SkillFamilies;
using DyLoraMoe.Core.Tokenization;
using DyLoraMoe.Testing;
using DyLoraMoe.Trainer.Continual.Running;
using DyLoraMoe.Trainer.Continual.Streams;

namespace DyLoraMoe.Trainer.Tests.Continual;

public class StreamTests
{
    private static readonly TextTokenizer _tokenizer = TextTokenizer.Load(Path.Combine(SharedFiles.RepositoryRoot, "models", "dylora-tiny"));

    private static readonly StreamOptions _small = new() { Tokens = 1000, TrainSamples = 40, HeldOutSamples = 8, TestSamples = 10, NoveltyBatches = 1 };

    private static SkillStream Synthetic(int run) => new SyntheticStream(new SampleCase(_tokenizer, 64), _small).Of(run, 1);

    [Fact]
    public void A_run_is_a_function_of_its_seed_and_runs_differ()
    {
        Assert.Equal(Synthetic(1).Visits.SelectMany(visit => visit.Train), Synthetic(1).Visits.SelectMany(visit => visit.Train));
        Assert.Equal(Synthetic(1).Tests.Select(test => test.Digest), Synthetic(1).Tests.Select(test => test.Digest));
        Assert.NotEqual(Synthetic(1).Visits.Select(visit => visit.Name), Synthetic(2).Visits.Select(visit => visit.Name));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_skill_is_new_once_and_comes_back_only_after_that(int run)
    {
        var stream = Synthetic(run);
        Assert.Equal(SyntheticStream.DefaultSkills.Order(), stream.Visits.Where(visit => visit.Kind == VisitKind.New).Select(visit => visit.TrueSkill).Order());
        Assert.Equal([VisitKind.Returning, VisitKind.Duplicate, VisitKind.Paraphrase], stream.Visits.Select(visit => visit.Kind).Where(kind => kind != VisitKind.New).Order());
        Assert.All(
            stream.Visits.Where(visit => visit.Kind != VisitKind.New),
            later => Assert.Contains(stream.Visits, visit => visit.Kind == VisitKind.New && visit.TrueSkill == later.TrueSkill && visit.Stage < later.Stage));
        Assert.All(stream.Tests.Zip(stream.IntroducedAt), pair => Assert.Equal(VisitKind.New, stream.Visits[pair.Second - 1].Kind));
    }

    [Fact]
    public void Names_tell_duplicates_and_paraphrases_from_their_originals()
    {
        var stream = Synthetic(1);
        Assert.All(stream.Visits, visit => Assert.Equal(visit.Kind is VisitKind.New or VisitKind.Returning, visit.Name == visit.TrueSkill));
        var paraphrase = stream.Visits.Single(visit => visit.Kind == VisitKind.Paraphrase);
        Assert.DoesNotContain(" ->", paraphrase.Train[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_are_judged_by_what_no_arm_gets()
    {
        var stream = BenchRunner.TuningStream(Synthetic(0), skills: 3);

        Assert.Equal([1, 2, 3], stream.Visits.Select(visit => visit.Stage));
        Assert.Equal(stream.Visits.Select(visit => visit.TrueSkill), stream.Tests.Select(test => test.Skill));
        Assert.All(stream.Visits.Zip(stream.Tests), pair =>
        {
            Assert.Equal((4, 4, 4), (pair.First.HeldOut.Count, pair.First.HeldOutTokens.Count, pair.Second.Samples.Count));
            Assert.Empty(pair.Second.Samples.Intersect(pair.First.Train.Concat(pair.First.HeldOut)));
            Assert.Equal(pair.Second.Samples.Count, pair.Second.Tokens.Count);
        });
    }

    [Fact]
    public void What_is_tested_or_judged_is_never_learnt_from()
    {
        var stream = Synthetic(2);
        var learnt = stream.Visits.SelectMany(visit => visit.Train).ToHashSet();
        Assert.DoesNotContain(stream.Tests.SelectMany(test => test.Samples), learnt.Contains);
        Assert.DoesNotContain(stream.NoveltyBatches.SelectMany(batch => batch.Samples), learnt.Contains);
        Assert.All(stream.Visits, visit => Assert.Empty(visit.Train.Intersect(visit.HeldOut)));
    }

    [Fact]
    public void Every_kind_of_novelty_is_judged_and_far_is_not_a_skill_of_the_stream()
    {
        var stream = Synthetic(1);
        Assert.Equal(Enum.GetValues<NoveltyKind>(), stream.NoveltyBatches.Select(batch => batch.Kind).Distinct().Order());
        Assert.All(stream.NoveltyBatches, batch => Assert.Equal(NoveltyBatch.Size, batch.Samples.Count));
        Assert.DoesNotContain(stream.NoveltyBatches.Where(batch => batch.Kind == NoveltyKind.Far), batch => SyntheticStream.DefaultSkills.Contains(batch.Source));
    }

    [Fact]
    public void The_rules_of_near_novelty_differ_from_those_of_the_skills_whose_inputs_they_take()
    {
        foreach (var (known, family) in NearFamilies.All)
        {
            var random = new SeededRandom(5);
            var inputs = Enumerable.Range(0, 50).Select(_ => family.Draw(random)).ToList();
            Assert.True(inputs.Count(input => family.Solve(input) != SkillCatalog.Get(known).Solve(input)) > 40, family.Name);
        }
    }

    [Theory]
    [InlineData("python", "Write a Python function")]
    [InlineData("javascript", "Use JavaScript to add two numbers")]
    [InlineData("java", "Sort an array in Java.")]
    [InlineData("cpp", "Create a C++ class")]
    [InlineData("csharp", "Create a C# class")]
    [InlineData("bash", "Write a shell script")]
    [InlineData(null, "Translate this Python into Java")]
    [InlineData(null, "Sort an array")]
    public void An_instruction_belongs_to_the_only_language_it_names(string? expected, string instruction) => Assert.Equal(expected, CodeLanguages.Of(instruction));

    [Fact]
    public void Missing_data_are_named_with_where_they_are_expected()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["gsm8k.jsonl"], "");
        var error = Assert.Throws<DirectoryNotFoundException>(() => new RealData(folder.FullPath).Read());
        Assert.Contains(folder.FullPath, error.Message, StringComparison.Ordinal);
        Assert.Contains("mbpp.jsonl", error.Message, StringComparison.Ordinal);
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, " so 3 + 4.\n#### 7\nmore")]
    [InlineData(true, "#### 7")]
    [InlineData(false, "7")]
    [InlineData(false, "#### 70")]
    public void A_result_is_the_number_behind_the_marker(bool isRight, string output) =>
        Assert.Equal(isRight, RealData.HasSameResult(Sample.Pair("Question", " It is.\n#### 7"), output));
}
