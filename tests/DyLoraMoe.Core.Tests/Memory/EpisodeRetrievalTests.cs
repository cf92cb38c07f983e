using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Tests.Data;
using DyLoraMoe.Testing;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class EpisodeRetrievalTests : IDisposable
{
    private const int Width = 37;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_cosine_is_symmetric_bounded_one_for_the_same_and_blind_to_the_units_of_features() => Law.Holds(Gen.Choose(1, 100_000), seed =>
    {
        var random = new SeededRandom((ulong)seed);
        var prompts = Enumerable.Range(0, 24).Select(_ => Draw(random)).ToArray();
        var (plain, scaled) = (new FeatureScale(), new FeatureScale());
        foreach (var prompt in prompts)
        {
            plain.Observe(prompt);
            scaled.Observe(Other(prompt));
        }

        var (one, other) = (prompts[0], prompts[1]);
        Assert.InRange(plain.Cosine(one, other), -1, 1);
        Assert.Equal(plain.Cosine(one, other), plain.Cosine(other, one), 1e-6);
        Assert.Equal(1, plain.Cosine(one, one), 1e-5);
        Assert.Equal(plain.Cosine(one, other), scaled.Cosine(Other(one), Other(other)), 1e-3);

        static float[] Other(float[] features) => [.. features.Select((feature, at) => (feature * (1 + (at % 3))) + at)];
    });

    [Fact]
    public void The_threshold_leaves_only_its_share_of_different_prompts_alike()
    {
        var random = new SeededRandom(5);
        var scale = new FeatureScale(share: 0.05);
        var centres = Enumerable.Range(0, 6).Select(_ => Draw(random)).ToArray();
        var prompts = Enumerable.Range(0, 96).Select(at => Near(centres[at % 6], random, 0.5)).ToArray();
        Array.ForEach(prompts, scale.Observe);

        var threshold = scale.Threshold!.Value;
        var pairs = prompts.SelectMany((one, at) => prompts.Take(at).Select(other => scale.Cosine(one, other))).ToList();
        Assert.InRange(pairs.Count(cosine => cosine > threshold) / (double)pairs.Count, 0, 0.08);
        Assert.True(threshold > 0.5);
    }

    [Fact]
    public void As_long_as_few_prompts_were_seen_nothing_but_the_same_question_is_alike()
    {
        var retrieval = Retrieval(out var store);
        store.Remember(Told("a b c", "c b a", null, Draw(new SeededRandom(1))));

        Assert.Empty(retrieval.Near(new EpisodeQuery("", null, "a b d"), Draw(new SeededRandom(1)), 3));
        Assert.NotNull(retrieval.Exact(new EpisodeQuery("", null, "a b c")));
    }

    [Fact]
    public void Nobody_ever_gets_anothers_episode() => Law.Holds(Gen.Choose(1, 100_000), seed =>
    {
        var random = new SeededRandom((ulong)seed);
        var retrieval = Retrieval(out var store);
        string?[] users = ["u", "v", null];
        for (var at = 0; at < 24; at++)
        {
            store.Remember(Told($"question {random.Next(8)}", $"answer {at}", random.Pick(users), Draw(random), random.Pick(["", "team"])));
        }

        var query = new EpisodeQuery(random.Pick(["", "team"]), random.Pick(users), $"question {random.Next(8)}");
        var found = retrieval.Near(query, Draw(random), 8).Select(hit => hit.Episode).Append(retrieval.Exact(query)).OfType<Episode>();
        Assert.All(found, episode => Assert.True(episode.Owner == query.Owner && (episode.User is null || episode.User == query.User)));
    }, cases: 10);

    [Fact]
    public void A_users_own_answer_comes_before_the_shared_one()
    {
        var retrieval = Retrieval(out var store);
        store.Remember(Episodes.Of("Who?", "shared"));
        store.Remember(Episodes.Of("Who?", "own", "u"));

        Assert.Equal("own", retrieval.Exact(new EpisodeQuery("", "u", "Who?"))!.Answer);
        Assert.Equal("shared", retrieval.Exact(new EpisodeQuery("", "v", "Who?"))!.Answer);
        Assert.Equal("shared", retrieval.Exact(new EpisodeQuery("", null, "Who?"))!.Answer);
        Assert.Null(retrieval.Exact(new EpisodeQuery("", "u", "Where?")));
    }

    [Fact]
    public void The_most_alike_come_first_and_what_is_unlike_or_of_another_backbone_does_not_come()
    {
        var random = new SeededRandom(3);
        var retrieval = Retrieval(out var store);
        var asked = Draw(random);
        for (var at = 0; at < 30; at++)
        {
            store.Remember(Told($"far {at}", "x", null, Draw(random)));
        }

        store.Remember(Told("near", "1", null, Near(asked, random, 0.2)));
        store.Remember(Told("nearest", "2", null, Near(asked, random, 0.05)));
        store.Remember(Told("of another backbone", "3", null, asked) with { Space = "other" });

        var found = retrieval.Near(new EpisodeQuery("", null, "asked"), asked, 5);

        Assert.Equal(["nearest", "near"], found.Select(hit => hit.Episode.Prompt));
        Assert.True(found[0].Similarity > found[1].Similarity);
    }

    [Fact]
    public void Packed_features_keep_three_digits()
    {
        var features = Draw(new SeededRandom(4));

        var unpacked = EpisodeEmbedding.Unpack(EpisodeEmbedding.Pack(features));

        Assert.All(features.Zip(unpacked), pair => Assert.Equal(pair.First, pair.Second, Math.Abs(pair.First) * 1e-3));
        Assert.Equal((float)Half.MaxValue, EpisodeEmbedding.Unpack(EpisodeEmbedding.Pack([1e9f]))[0]);
    }

    private EpisodeRetrieval Retrieval(out EpisodeStore store)
    {
        store = new EpisodeStore(new EpisodeStoreOptions { Folder = _folder[Guid.NewGuid().ToString("N")] }, new Episodes.Clock());
        return new EpisodeRetrieval(store, "space", new FeatureScale());
    }

    private static Episode Told(string prompt, string answer, string? user, float[] features, string owner = "") =>
        Episodes.Of(prompt, answer, user, owner) with { Space = "space", Embedding = EpisodeEmbedding.Pack(features) };

    private static float[] Draw(SeededRandom random) => [.. Enumerable.Range(0, Width).Select(_ => (random.Next(2001) - 1000) / 500f)];

    private static float[] Near(float[] centre, SeededRandom random, double spread) => [.. centre.Zip(Draw(random), (at, noise) => at + (noise * (float)spread))];
}
