using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Features;
using DyLoraMoe.Core.Novelty;
using DyLoraMoe.Testing;
using static DyLoraMoe.Core.Tests.Novelty.KnownKinds;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Tests.Novelty;

public sealed class NoveltyDetectorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Everything_is_novel_to_an_empty_library()
    {
        var describer = new GaussianDescriber();
        using var library = SkillLibrary.Create(_folder.FullPath, describer, GaussianDescriber.Anchors());

        var answer = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(1, 40, 9));

        Assert.Equal((NoveltyOutcome.Novel, "the library knows no skill yet"), (answer.Outcome, answer.Reason));
    }

    [Fact]
    public void A_skill_whose_expert_is_in_the_archive_hides_no_expert_that_serves_it()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);
        library.Add("twin", "sha256:twin", GaussianDescriber.Samples(1, 300, seed: 3), GaussianDescriber.Samples(1, 120, seed: 4), describer);
        library.AssignExpert("twin", "expert-1", library.Find("skill-1")!.Evidence);
        library.AssignExpert("skill-1", null, library.Find("skill-1")!.Evidence);
        var detector = new NoveltyDetector(library, describer);
        List<TokenizedSample[]> batches = [.. Enumerable.Range(9, 8).Select(seed => GaussianDescriber.Samples(1, 64, seed))];

        List<NoveltyAssessment> answers = [.. batches.Select(batch => detector.Assess(batch, Losses()))];
        Assert.Contains(answers, answer => answer.Skills[0].Skill == "skill-1");
        Assert.All(answers, answer => Assert.Equal(("expert-1", "twin", answer.PValue), (answer.Expert, answer.NearestSkill, answer.Nearest?.PValue)));

        library.AssignExpert("twin", null, null);
        Assert.All(batches, batch => Assert.EndsWith("which no expert owns yet", detector.Assess(batch, Losses()).Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_small_batch_is_insufficient_and_says_so_with_counts()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1);

        var answer = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(1, 31, 9));

        Assert.Equal((NoveltyOutcome.InsufficientData, "the batch has 31 samples, at least 32 are needed"), (answer.Outcome, answer.Reason));
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(1e-3, 0)]
    [InlineData(500, 300)]
    public void Pitfall_8_one_threshold_serves_backbones_of_any_scale(double scale, double common)
    {
        var describer = new GaussianDescriber(scale, common, apart: 0.5);
        using var library = Library(describer, 1, 2, 3);
        var detector = new NoveltyDetector(library, describer);

        var known = detector.Assess(GaussianDescriber.Samples(2, 64, seed: 9), Losses());
        var unknown = detector.Assess(GaussianDescriber.Samples(7, 64, seed: 9), Losses());

        Assert.Equal((NoveltyOutcome.Covered, "expert-2", "skill-2"), (known.Outcome, known.Expert, known.NearestSkill));
        Assert.Equal(NoveltyOutcome.Novel, unknown.Outcome);
        Assert.True(unknown.NoveltyScore > 0.3 && known.NoveltyScore == 0);
        Assert.Equal(["cosine", "gradient", "likelihood-ratio"], known.Skills[0].Signals.Select(signal => signal.Signal));
        Assert.Contains("p = ", unknown.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Pitfall_8_the_cosine_of_raw_means_would_take_everything_for_known()
    {
        using var scope = NewDisposeScope();
        var describer = new GaussianDescriber(common: 300, apart: 0.5);
        using var library = Library(describer, 1);
        Tensor Mean(int kind) => describer.Features([.. GaussianDescriber.Samples(kind, 64, 9).Select(FeatureExtractor.PromptOf)]).mean([0]);

        var raw = nn.functional.cosine_similarity(Mean(1), Mean(7), 0).item<float>();
        var cosine = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(7, 64, 9)).Skills[0].Signals[0];

        Assert.True(raw > 0.99);
        Assert.True(cosine.Score > 0.5 && cosine.PValue < 0.001);
    }

    [Fact]
    public void Pitfall_5_the_cosine_compares_the_mean_over_samples_with_the_skill()
    {
        using var scope = NewDisposeScope();
        var skill = new SkillUnderTest
        {
            Skill = new KnownSkill("x", [], null, null),
            Embedding = tensor(new double[] { 3, 4 }),
            EmbeddingFrom = 5,
            HeldOut = ones([5, 2], ScalarType.Float64),
            HeldOutFeatures = () => throw new InvalidOperationException(),
            TrainingGradients = ones([5, 2]),
            HeldOutGradients = ones([5, 2]),
        };
        var batch = new BatchUnderTest
        {
            Samples = [],
            Features = ones([4, 2]),
            Whitened = tensor(new double[] { 1, 0, 1, 0, 2, 0, 4, 0 }, [4, 2]),
            Gradients = ones([4, 2]),
        };

        var statistics = new WhitenedCosineSignal().Measure(skill, batch)!;

        Assert.Equal(1 - 0.6, statistics.Score(statistics.Batch.mean([0], keepdim: true)).item<double>(), 1e-12);
    }

    [Fact]
    public void The_same_prompts_with_another_rule_are_novel()
    {
        var describer = new GaussianDescriber(apart: 0.3);
        using var library = Library(describer, 1, 2);

        var answer = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(1, 64, 9, rule: 5), Losses(_ => (3, 9)));

        Assert.Equal((NoveltyOutcome.Novel, "skill-1"), (answer.Outcome, answer.NearestSkill));
        Assert.True(answer.Experts[0].Share < -1);
        Assert.True(answer.NoveltyScore > 2);
    }

    [Fact]
    public void A_known_task_in_other_words_is_known_even_where_its_expert_fails_on_them()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2, 3);
        var batch = GaussianDescriber.Samples(2, 64, 9, wording: 4);

        // Asked in words that it never saw, the expert is worse than the backbone.
        var answer = new NoveltyDetector(library, describer).Assess(batch, new WordyLosses());

        Assert.Equal((NoveltyOutcome.Extends, "expert-2", "skill-2"), (answer.Outcome, answer.Expert, answer.NearestSkill));
        Assert.Equal(0, answer.NoveltyScore);
        Assert.True(answer.Skills[0].PValue <= 0.01 && answer.Skills.All(match => match.Recovery!.Share < 0));
        Assert.Equal(answer.PValue, answer.Nearest!.PValue);
        Assert.Contains("in the words of 'skill-2'", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_is_put_into_the_words_of_a_skill_once_however_many_datasets_came_in_them()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);
        var batch = GaussianDescriber.Samples(2, 64, 9, wording: 4);
        var once = Described();
        library.Add("skill-2", "sha256:again", GaussianDescriber.Samples(2, 300, seed: 3), GaussianDescriber.Samples(2, 120, seed: 4), describer);

        Assert.Equal(once, Described());

        int Described()
        {
            var before = describer.Described;
            Assert.Equal(NoveltyOutcome.Extends, new NoveltyDetector(library, describer).Assess(batch, new WordyLosses()).Outcome);
            return describer.Described - before;
        }
    }

    [Fact]
    public void A_new_rule_on_known_inputs_in_words_of_its_own_is_novel_however_related_the_experts_are()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);
        var batch = GaussianDescriber.Samples(1, 64, 9, rule: 5, wording: 4);

        var answer = new NoveltyDetector(library, describer).Assess(batch, new WordyLosses());

        Assert.Equal(NoveltyOutcome.Novel, answer.Outcome);
        Assert.True(answer.NoveltyScore > 1);
        Assert.All(answer.Experts, expert => Assert.True(expert.IsContradicted));
    }

    [Fact]
    public void Answers_that_differ_a_little_do_not_make_another_rule_of_what_the_expert_recovers()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);

        var answer = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(1, 64, 9, rule: 5), Losses(_ => (3, 1)));

        Assert.Equal((NoveltyOutcome.Extends, "expert-1"), (answer.Outcome, answer.Expert));
        Assert.Equal([("expert-1", false), ("expert-2", true)], answer.Experts.Select(expert => (expert.Expert, expert.IsContradicted)));
    }

    [Fact]
    public void Prompts_of_a_known_skill_are_no_business_of_other_skills_experts_however_much_they_recover()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);
        var batch = GaussianDescriber.Samples(1, 64, 9, rule: 5, wording: 4);

        var answer = new NoveltyDetector(library, describer).Assess(batch, Losses(expert => expert == "expert-1" ? (3, 6) : (3, 1)));

        Assert.Equal(NoveltyOutcome.Novel, answer.Outcome);
        Assert.Equal("expert-2", answer.Experts[0].Expert);
        Assert.True(answer.Experts[0].Share > 0.5 && answer.NoveltyScore > 1);
    }

    [Fact]
    public void Unknown_prompts_that_an_expert_already_solves_extend_it()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2, 3);

        var answer = new NoveltyDetector(library, describer).Assess(
            GaussianDescriber.Samples(8, 64, 9), Losses(expert => expert == "expert-3" ? (3, 0.6) : (3, 4)));

        Assert.Equal((NoveltyOutcome.Extends, "expert-3"), (answer.Outcome, answer.Expert));
        Assert.InRange(answer.Experts[0].Share!.Value, 0.7, 1);
    }

    // Such a backbone (text of a language that it has never seen) gains from whatever has seen any of it.
    [Theory]
    [InlineData(3, NoveltyOutcome.Novel)]
    [InlineData(0.7, NoveltyOutcome.Extends)]
    public void What_the_frequencies_of_tokens_would_give_is_nothing_that_an_expert_recovers(double withExpert, NoveltyOutcome outcome)
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2, 3);
        var samples = GaussianDescriber.Samples(8, 64, 9).Select((sample, index) => sample with
        {
            Ids = [.. sample.Ids[..2], .. Enumerable.Range(0, 12).Select(at => 100 + (((index * 5) + (at * 3)) % 7)), sample.Ids[^1]],
        });

        var answer = new NoveltyDetector(library, describer).Assess([.. samples], Losses(_ => (9, withExpert)));

        Assert.Equal(outcome, answer.Outcome);
        Assert.InRange(answer.Experts[0].UnigramLoss, 1.5, 2.2);
        Assert.True(answer.Experts[0].Share > 0.7);
        Assert.Equal((answer.Experts[0].UnigramLoss - withExpert) / (answer.Experts[0].UnigramLoss - answer.Experts[0].OwnLoss), answer.Experts[0].ShareBeyondUnigram!.Value, 1e-9);
        Assert.Equal(outcome == NoveltyOutcome.Novel, answer.Reason.Contains("it knows little beyond which tokens occur (", StringComparison.Ordinal));
    }

    [Fact]
    public void Known_prompts_on_which_the_expert_gains_less_are_no_longer_covered()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);

        var answer = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(1, 64, 9), Losses(_ => (3, 0.9)));

        Assert.Equal((NoveltyOutcome.Extends, "expert-1"), (answer.Outcome, answer.Expert));
    }

    [Fact]
    public void An_expert_that_hardly_gains_on_its_own_data_has_no_say()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1);
        library.AssignExpert("skill-1", "weak", new ExpertEvidence { Backbone = [3.05, 3.0], Expert = [3.0, 3.0], Tokens = [1, 1] });

        var answer = new NoveltyDetector(library, describer).Assess(GaussianDescriber.Samples(8, 64, 9), Losses(_ => (3.1, 3.0)));

        Assert.Equal(NoveltyOutcome.Novel, answer.Outcome);
        Assert.Null(Assert.Single(answer.Experts).Share);
        Assert.Contains("no expert's opinion is conclusive", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_nearest_experts_are_asked()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2, 3, 4, 5);
        var asked = new HashSet<string>();

        new NoveltyDetector(library, describer, new NoveltyOptions { Candidates = 2 }).Assess(
            GaussianDescriber.Samples(4, 64, 9), Losses(expert => { asked.Add(expert); return (3, 0.5); }));

        asked.Remove("expert-0");
        Assert.Equal(2, asked.Count);
        Assert.Contains("expert-4", asked);
    }

    [Fact]
    public void A_router_adds_its_entropy_to_the_signals()
    {
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1);
        var detector = new NoveltyDetector(library, describer, routerEntropies: new Entropies(features => features.std(1)));

        var signals = detector.Assess(GaussianDescriber.Samples(1, 64, 9)).Skills[0].Signals;

        Assert.Equal(["cosine", "router-entropy", "gradient"], signals.Select(signal => signal.Signal));
    }

    [Fact]
    public void The_same_batch_gets_the_same_answer_and_leaves_no_tensor_behind()
    {
        using var scope = NewDisposeScope();
        var describer = new GaussianDescriber();
        using var library = Library(describer, 1, 2);
        var detector = new NoveltyDetector(library, describer);
        var samples = GaussianDescriber.Samples(1, 64, 9);
        var first = detector.Assess(samples, Losses());
        var before = scope.DisposablesCount;

        var second = detector.Assess(samples, Losses());

        Assert.Equal(first.Skills[0].Signals, second.Skills[0].Signals);
        Assert.Equal(before, scope.DisposablesCount);
    }

    public void Dispose() => _folder.Dispose();

    private SkillLibrary Library(GaussianDescriber describer, params int[] kinds) => KnownKinds.Library(describer, _folder.FullPath, 120, kinds);
}
