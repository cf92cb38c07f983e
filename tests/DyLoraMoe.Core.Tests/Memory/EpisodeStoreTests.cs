using DyLoraMoe.Core.Memory;
using DyLoraMoe.Core.Memory.Consolidation;
using DyLoraMoe.Core.Tests.Data;
using DyLoraMoe.Testing;
using FsCheck.Fluent;

namespace DyLoraMoe.Core.Tests.Memory;

public sealed class EpisodeStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Episodes.Clock _clock = new();

    private string Place => _folder["memory"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_question_again_replaces_the_answer_and_counts()
    {
        var store = Store();
        store.Remember(Episodes.Of("Who?", "Ana", "u"));
        _clock.Now += TimeSpan.FromDays(1);
        store.Remember(Episodes.Of("Who?", "Ben", "u", time: _clock.Now));
        store.Remember(Episodes.Of("Who?", "Cara", "v", time: _clock.Now));

        var own = Assert.Single(store.Episodes, episode => episode.User == "u");
        Assert.Equal(("Ben", 2, Episodes.Start, _clock.Now), (own.Answer, own.Recurrence, own.First, own.Time));
        Assert.Equal(2, store.Episodes.Count);
    }

    [Fact]
    public void An_answer_is_as_old_as_it_is_the_same_however_often_it_is_told()
    {
        var store = Store();
        var rule = new PromotionRule();
        store.Remember(Episodes.Of("Who?", "Ana"));
        var once = rule.ScoreOf(Assert.Single(store.Episodes), Episodes.Start.AddDays(1));
        for (var hour = 1; hour < 24; hour++)
        {
            _clock.Now = Episodes.Start.AddHours(hour);
            store.Remember(Episodes.Of("Who?", "Ana", time: _clock.Now));
        }

        var told = Assert.Single(store.Episodes);
        Assert.Equal((Episodes.Start, 24, _clock.Now), (told.AnswerSince, told.Recurrence, told.Time));
        Assert.True(rule.ScoreOf(told, Episodes.Start.AddDays(1)) > once);

        // Another answer is a new one.
        store.Remember(Episodes.Of("Who?", "Ben", time: _clock.Now));
        Assert.Equal((_clock.Now, Episodes.Start), (Assert.Single(store.Episodes).AnswerSince!.Value, Assert.Single(store.Episodes).First));
        Assert.Equal(0, rule.ScoreOf(Assert.Single(store.Episodes), _clock.Now), 1e-12);
    }

    [Fact]
    public void Whatever_is_remembered_the_bounds_hold_and_the_newest_stay() => Law.Holds(
        from sizes in Gen.Choose(1, 400).ListOf(12) from most in Gen.Choose(1, 8) select (sizes, most),
        c =>
        {
            using var folder = new TemporaryFolder();
            var options = new EpisodeStoreOptions { Folder = folder["memory"], MaxEpisodes = c.most, MaxBytes = 4096 };
            var store = new EpisodeStore(options, _clock);
            foreach (var (at, size) in c.sizes.Index())
            {
                store.Remember(Episodes.Of($"question {at}", new string('x', size), time: Episodes.Start.AddMinutes(at)));
            }

            var kept = store.Episodes;
            Assert.InRange(kept.Count, 1, c.most);
            Assert.InRange(Directory.GetFiles(options.Folder).Sum(file => new FileInfo(file).Length), 1, options.MaxBytes);
            Assert.Equal(Enumerable.Range(0, kept.Count).Select(at => $"question {c.sizes.Count - 1 - at}"), kept.Select(episode => episode.Prompt));
        },
        cases: 20);

    [Fact]
    public void None_older_than_the_retention_stays_and_what_an_expert_has_learnt_is_told_of_however_late()
    {
        var store = Store(options => options with { Retention = TimeSpan.FromDays(3) });
        store.Remember(Episodes.Of("old", "1"));
        store.Remember(Episodes.Of("learnt", "2"));
        store.Promote([Episodes.Of("learnt", "2")], "expert");
        _clock.Now += TimeSpan.FromDays(2);
        store.Remember(Episodes.Of("new", "3", time: _clock.Now));
        _clock.Now += TimeSpan.FromDays(2);

        store.Expire();

        Assert.Equal(["new"], store.Episodes.Select(episode => episode.Prompt));
        Assert.Equal(["expert"], store.ForgetUser("", null).Experts);
        Assert.Empty(store.Promotions);
    }

    [Fact]
    public void Every_expert_that_has_learnt_an_episode_is_named_when_it_is_deleted()
    {
        var store = Store();
        foreach (var (answer, expert) in new[] { ("1", "first"), ("2", "second"), ("3", "second") })
        {
            store.Promote([store.Remember(Episodes.Of("a", answer, "u"))], expert);
        }

        Assert.Equal(["first", "second"], store.Promotions.Select(mark => mark.Expert).Order());
        var gone = store.ForgetUser("", "u");
        Assert.Equal((0, 1), (gone.Episodes, gone.Promoted));
        Assert.Equal(["first", "second"], gone.Experts);
        Assert.Empty(Directory.GetFiles(Place));
    }

    [Fact]
    public void A_mark_of_an_earlier_version_is_read_and_goes_with_the_others()
    {
        var (store, id) = (Store(), Episode.IdOf("", "u", "a"));
        Directory.CreateDirectory(Place);
        File.WriteAllText(Path.Combine(Place, id + ".promoted.json"), $$"""{"id":"{{id}}","owner":"","user":"u","expert":"first","time":"2026-01-01T00:00:00+00:00"}""");
        store.Promote([store.Remember(Episodes.Of("a", "1", "u"))], "second");

        Assert.Equal(["first", "second"], store.Forget("", id).Experts);
        Assert.Empty(Directory.GetFiles(Place));
    }

    [Fact]
    public void Marks_are_bounded_in_number_and_the_newest_stay()
    {
        var store = Store(options => options with { MaxMarks = 2 });
        foreach (var (question, day) in new[] { ("a", 1), ("b", 2), ("c", 3) })
        {
            store.Promote([store.Remember(Episodes.Of(question, "1"))], "expert");
            File.SetLastWriteTimeUtc(Directory.GetFiles(Place).Single(file => file.Contains(Episode.IdOf("", null, question), StringComparison.Ordinal)), new DateTime(2026, 1, day, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.Equal(new[] { "b", "c" }.Select(question => Episode.IdOf("", null, question)).Order(), store.Promotions.Select(mark => mark.Id).Order());
    }

    [Fact]
    public void What_a_user_wants_deleted_is_on_the_disk_no_more_and_nobody_elses_goes()
    {
        var store = Store();
        store.Remember(Episodes.Of("secret question", "secret answer", "anna"));
        store.Remember(Episodes.Of("secret question", "other answer", "anna", owner: "team"));
        store.Remember(Episodes.Of("shared question", "answer"));
        store.Remember(Episodes.Of("learnt question", "answer", "anna"));
        store.Promote([Episodes.Of("learnt question", "answer", "anna")], "expert-1");
        File.WriteAllText(Path.Combine(Place, "left-by-a-killed-writer.tmp"), "secret question");
        File.SetLastWriteTimeUtc(Path.Combine(Place, "left-by-a-killed-writer.tmp"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var gone = store.ForgetUser("", "anna");

        Assert.Equal((1, 1), (gone.Episodes, gone.Promoted));
        Assert.Equal(["expert-1"], gone.Experts);
        Assert.Equal(2, store.Episodes.Count);
        Assert.All(Directory.GetFiles(Place).Select(File.ReadAllText), text => Assert.DoesNotContain("secret answer", text, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Place, "*.tmp"));
        Assert.Equal(0, store.Forget("team", store.Episodes.Single(episode => episode.Owner.Length == 0).Id).Episodes);
    }

    [Fact]
    public void Replicas_on_one_folder_see_what_the_others_write_and_delete()
    {
        var (one, other) = (Store(), Store());
        one.Remember(Episodes.Of("a", "1", "u"));
        Assert.Single(other.Episodes);
        other.Remember(Episodes.Of("a", "2", "u"));
        Assert.Equal(("2", 2), (one.Episodes.Single().Answer, one.Episodes.Single().Recurrence));
        one.ForgetUser("", "u");
        Assert.Empty(other.Episodes);
    }

    [Fact]
    public async Task Several_writers_at_once_lose_nothing()
    {
        var stores = Enumerable.Range(0, 4).Select(_ => Store()).ToArray();

        await Task.WhenAll(stores.Select((store, writer) => Task.Run(() =>
        {
            for (var at = 0; at < 25; at++)
            {
                store.Remember(Episodes.Of($"question {at} of {writer}", "answer"));
            }
        })));

        Assert.Equal(100, stores[0].Episodes.Count);
        Assert.Equal(0, stores[0].Unreadable);
    }

    [Fact]
    public async Task What_another_replica_removes_while_it_is_listed_is_gone_and_nothing_else_is()
    {
        var (one, other) = (Store(), Store());
        one.Remember(Episodes.Of("stays", "1"));
        for (var round = 0; round < 5; round++)
        {
            for (var at = 0; at < 100; at++)
            {
                other.Remember(Episodes.Of($"question {at}", "answer", "u"));
            }

            var removing = Task.Run(() => other.ForgetUser("", "u"), TestContext.Current.CancellationToken);
            while (!removing.IsCompleted)
            {
                Assert.Contains(Store().Episodes, episode => episode.Prompt == "stays");
            }

            await removing;
        }

        Assert.Equal(["stays"], one.Episodes.Select(episode => episode.Prompt));
    }

    [Fact]
    public void What_a_killed_writer_or_a_bad_disk_leaves_is_no_episode_and_hurts_none()
    {
        var store = Store();
        store.Remember(Episodes.Of("whole", "1"));
        var whole = File.ReadAllBytes(Directory.GetFiles(Place).Single());
        File.WriteAllBytes(Path.Combine(Place, "0123456789abcdef01234567.episode.json"), whole[..^10]);
        File.WriteAllBytes(Path.Combine(Place, "fedc.episode.json.1.tmp"), whole[..20]);
        File.WriteAllBytes(Path.Combine(Place, "a-copy.episode.json"), whole);

        Assert.Equal(["whole"], Store().Episodes.Select(episode => episode.Prompt));
        Assert.Equal(["whole"], store.Episodes.Select(episode => episode.Prompt));
        Assert.Equal(2, store.Unreadable);
    }

    [Fact]
    public void An_episode_that_was_learnt_leaves_a_mark_unless_its_answer_has_changed_since()
    {
        var store = Store();
        store.Remember(Episodes.Of("a", "1", "u"));
        store.Remember(Episodes.Of("b", "1", "u"));
        var asLearnt = store.Episodes;
        store.Remember(Episodes.Of("b", "2", "u"));

        var left = store.Promote(asLearnt, "expert");

        Assert.Equal([Episode.IdOf("", "u", "a")], left);
        Assert.Equal("2", store.Episodes.Single().Answer);
        Assert.Equal(("u", "expert"), (store.Promotions.Single().User, store.Promotions.Single().Expert));
    }

    [Fact]
    public void All_experts_that_know_an_episode_are_named_when_it_is_deleted_after_it_left()
    {
        var store = Store();
        store.Promote([store.Remember(Episodes.Of("a", "1", "u"))], "first", "second");

        Assert.Equal(["first", "second"], store.ForgetUser("", "u").Experts);
    }

    [Fact]
    public void A_correction_by_another_replica_in_the_middle_of_a_promotion_stays_and_leaves_no_mark()
    {
        var other = Store();
        var store = new EpisodeStore(new EpisodeStoreOptions { Folder = Place }, new Interruption(() => other.Remember(Episodes.Of("a", "2", "u"))));
        var learnt = other.Remember(Episodes.Of("a", "1", "u"));

        Assert.Empty(store.Promote([learnt], "expert"));

        Assert.Equal("2", store.Episodes.Single().Answer);
        Assert.Empty(store.Promotions);
        Assert.Single(Directory.GetFiles(Place));
    }

    [Fact]
    public void What_is_deleted_by_another_replica_in_the_middle_of_a_promotion_keeps_the_mark_of_the_weights()
    {
        var other = Store();
        var store = new EpisodeStore(new EpisodeStoreOptions { Folder = Place }, new Interruption(() => other.ForgetUser("", "u")));
        var learnt = other.Remember(Episodes.Of("a", "1", "u"));

        Assert.Empty(store.Promote([learnt], "expert"));

        Assert.Equal(["expert"], other.ForgetUser("", "u").Experts);
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("2", "2")]
    public void What_a_killed_process_holds_aside_comes_back_unless_it_was_told_anew(string? anew, string answer)
    {
        var store = Store();
        var held = Hold(store, "a");
        if (anew is not null)
        {
            store.Remember(Episodes.Of("a", anew, "u"));
        }

        store.Expire();

        Assert.Equal(answer, store.Episodes.Single().Answer);
        Assert.False(File.Exists(held));
    }

    [Fact]
    public void What_a_killed_process_holds_aside_is_deleted_with_all_else_of_its_user()
    {
        var store = Store();
        Hold(store, "a");

        Assert.Equal(1, store.ForgetUser("", "u").Episodes);
        Assert.Empty(Directory.GetFiles(Place));
    }

    [Fact]
    public void Files_that_somebody_else_put_there_are_left_alone_and_stop_nothing()
    {
        var store = Store();
        store.Remember(Episodes.Of("whole", "1"));
        var id = Episode.IdOf("", null, "whole");
        File.WriteAllText(Path.Combine(Place, "note.episode.json"), File.ReadAllText(Path.Combine(Place, id + ".episode.json")).Replace(id, "note", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(Place, "foo.uses"), "3");
        File.WriteAllText(Path.Combine(Place, "foo.held"), "mine");

        store.Expire();
        store.Remember(Episodes.Of("another", "1"));

        Assert.Equal(2, store.Episodes.Count);
        Assert.Equal(1, store.Unreadable);
        Assert.Equal(5, Directory.GetFiles(Place).Length);
    }

    [Fact]
    public void A_new_description_changes_nothing_else_and_brings_nothing_back()
    {
        var (store, other) = (Store(), Store());
        var told = store.Remember(Episodes.Of("a", "1", "u"));
        store.Remember(Episodes.Of("a", "1", "u", time: Episodes.Start.AddDays(1)));

        Assert.True(store.Describe(told with { Space = "new", Embedding = [1, 2], Surprise = 3 }));

        var episode = other.Episodes.Single();
        Assert.Equal(("new", 2, 3.0), (episode.Space, episode.Embedding.Length, episode.Surprise));
        Assert.Equal((Episodes.Start.AddDays(1), 2), (episode.Time, episode.Recurrence));

        store.Remember(Episodes.Of("a", "2", "u"));
        Assert.False(store.Describe(told with { Space = "newer" }));
        Assert.Equal("2", store.Episodes.Single().Answer);
        other.ForgetUser("", "u");
        Assert.False(store.Describe(told with { Space = "newest" }));
        Assert.Empty(Directory.GetFiles(Place));
    }

    [Fact]
    public void Uses_are_known_to_within_a_factor_of_two_after_a_crash()
    {
        var store = Store();
        var id = store.Remember(Episodes.Of("a", "1")).Id;
        for (var use = 0; use < 11; use++)
        {
            store.Use(id);
        }

        Assert.Equal(8, Store().Episodes.Single().Uses);
        store.ForgetUser("", null);
        Assert.Empty(Directory.GetFiles(Place));
    }

    [Fact]
    public void One_that_is_too_large_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Store(options => options with { MaxBytes = 4096 }).Remember(Episodes.Of("a", new string('x', 600))));

        Assert.Contains("at most 512", error.Message, StringComparison.Ordinal);
    }

    private EpisodeStore Store(Func<EpisodeStoreOptions, EpisodeStoreOptions>? change = null)
    {
        var options = new EpisodeStoreOptions { Folder = Place };
        return new EpisodeStore(change?.Invoke(options) ?? options, _clock);
    }

    // As a process leaves it that is killed while it looks whether an episode is still what was learnt.
    private string Hold(EpisodeStore store, string question)
    {
        var id = store.Remember(Episodes.Of(question, "1", "u")).Id;
        var held = Path.Combine(Place, $"{id}.0123.held");
        File.Move(Path.Combine(Place, id + ".episode.json"), held);
        return held;
    }

    private sealed class Interruption(Action happens) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            happens();
            return Episodes.Start;
        }
    }
}
