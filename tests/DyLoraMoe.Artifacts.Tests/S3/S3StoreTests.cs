using DyLoraMoe.Artifacts.S3;

namespace DyLoraMoe.Artifacts.Tests.S3;

public sealed class S3StoreTests(S3Fixture fixture)
{
    [Fact]
    public async Task What_one_machine_publishes_another_opens_by_its_digest()
    {
        await using var world = await S3World.StartAsync(fixture);

        var digest = world.Machine(isFaulty: true).Artifacts().Publish(ArtifactKind.Expert, S3World.Files());

        var other = world.Machine().Artifacts();
        Assert.Equal([digest], other.List(ArtifactKind.Expert));
        Assert.True(other.Contains(ArtifactKind.Expert, digest));
        Assert.Empty(other.List(ArtifactKind.Router));
        var path = other.Open(ArtifactKind.Expert, digest);
        Assert.Equal(digest, ArtifactDigest.OfFolder(path));
        Assert.Equal("one 1", await File.ReadAllTextAsync(Path.Combine(path, "a.txt"), TestContext.Current.CancellationToken));
        Assert.Equal(5, world.Faults.Calls.Count(call => call.IsPart));

        // As the tools of others see it: a folder in PEFT's own layout.
        Assert.Contains(world.Bucket().List("experts/"), entry => entry.Key == $"experts/{ArtifactDigest.Hex(digest)}/sub/b.txt");
        Assert.Throws<ArtifactException>(() => other.Open(ArtifactKind.Expert, "sha256:" + new string('0', 64)));
    }

    [Fact]
    public async Task An_upload_that_was_cut_goes_on_from_the_parts_that_are_there_on_another_machine_too()
    {
        await using var world = await S3World.StartAsync(fixture);
        var parts = 0;
        world.Faults.Decide = call => call.IsPart && ++parts > 3 ? Fault.Reset : Fault.None;
        var error = Assert.Throws<S3Exception>(() => world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files()));
        Assert.False(error.IsPermanent);
        Assert.Single(world.Bucket().Uploads(""));
        world.Faults.Decide = _ => Fault.None;
        var before = world.Faults.Calls.Count(call => call.IsPart);

        var digest = world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files());

        Assert.Equal(2, world.Faults.Calls.Count(call => call.IsPart) - before);
        Assert.Equal(digest, ArtifactDigest.OfFolder(world.Machine().Artifacts().Open(ArtifactKind.Expert, digest)));
        Assert.Empty(world.Bucket().Uploads(""));
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_from_the_bytes_that_are_there_in_another_process_too()
    {
        await using var world = await S3World.StartAsync(fixture);
        var digest = world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files());
        world.Faults.Decide = call => call.Path.EndsWith("large.bin", StringComparison.Ordinal) ? Fault.AnswerCut : Fault.None;
        Assert.Throws<S3Exception>(() => world.Machine(isFaulty: true, S3World.Hasty, "same").Artifacts().Open(ArtifactKind.Expert, digest));
        var cuts = 0;
        world.Faults.Decide = call => call.Path.EndsWith("large.bin", StringComparison.Ordinal) && cuts++ < 3 ? Fault.AnswerCut : Fault.None;
        var before = world.Faults.Calls.Count;

        var path = world.Machine(isFaulty: true, machine: "same").Artifacts().Open(ArtifactKind.Expert, digest);

        Assert.Equal(digest, ArtifactDigest.OfFolder(path));
        var ranges = world.Faults.Calls.Skip(before).Where(call => call.Path.EndsWith("large.bin", StringComparison.Ordinal)).Select(call => call.Range).ToList();
        Assert.Equal(4, ranges.Count);
        Assert.All(ranges, range => Assert.Matches("^bytes=[1-9][0-9]*-$", range));
        Assert.True(ranges.Distinct().Count() > 1, string.Join("; ", ranges));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_store_that_fails_a_third_of_all_calls_is_only_slower(int seed)
    {
        await using var world = await S3World.StartAsync(fixture);
        var random = new Random(seed);
        world.Faults.Decide = _ =>
        {
            lock (random)
            {
                return random.Next(3) == 0 ? (Fault)random.Next(1, (int)Fault.Denied) : Fault.None;
            }
        };

        var digest = world.Machine(isFaulty: true).Artifacts().Publish(ArtifactKind.Expert, S3World.Files(seed));
        var path = world.Machine(isFaulty: true).Artifacts().Open(ArtifactKind.Expert, digest);
        var removed = world.Machine(isFaulty: true).Artifacts().RemoveIfOlder(ArtifactKind.Expert, digest, DateTimeOffset.MaxValue);

        Assert.Equal(digest, ArtifactDigest.OfFolder(path));
        Assert.True(removed > 300_000);
        Assert.Empty(world.Machine().Artifacts().List(ArtifactKind.Expert));
    }

    [Fact]
    public async Task Whoever_is_killed_at_whatever_call_nobody_ever_sees_half_an_artifact()
    {
        await using var world = await S3World.StartAsync(fixture);
        var digest = "";
        var kills = 0;
        for (var last = 0; digest.Length == 0; last++)
        {
            var count = 0;
            var limit = last;
            world.Faults.Decide = _ => ++count > limit ? Fault.Reset : Fault.None;
            try
            {
                digest = world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Publish(ArtifactKind.Expert, S3World.Files(largeBytes: 150_000));
            }
            catch (S3Exception)
            {
                kills++;
                foreach (var seen in world.Machine().Artifacts().List(ArtifactKind.Expert))
                {
                    world.Machine().Artifacts().Open(ArtifactKind.Expert, seen);
                }
            }

            Assert.True(last < 60);
        }

        Assert.True(kills > 5, $"{kills}");
        world.Machine().Artifacts().Open(ArtifactKind.Expert, digest);

        // The same while it is removed.
        var isThere = true;
        for (var last = 0; isThere; last++)
        {
            var count = 0;
            var limit = last;
            world.Faults.Decide = _ => ++count > limit ? Fault.Reset : Fault.None;
            Assert.True(last < 60);
            try
            {
                world.Machine(isFaulty: true, S3World.Hasty).Artifacts().Remove(ArtifactKind.Expert, digest);
            }
            catch (S3Exception)
            {
            }

            isThere = world.Machine().Artifacts().List(ArtifactKind.Expert).Count > 0;
            if (isThere)
            {
                world.Machine().Artifacts().Open(ArtifactKind.Expert, digest);
            }
        }

        // And whoever publishes it again heals what is left, after the mark of the one that died.
        Assert.Equal(digest, world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files(largeBytes: 150_000)));
        world.Machine().Artifacts().Open(ArtifactKind.Expert, digest);
    }

    [Fact]
    public async Task Readers_that_look_all_the_time_see_an_artifact_whole_or_not_at_all()
    {
        await using var world = await S3World.StartAsync(fixture);
        using var end = new CancellationTokenSource();
        var opened = 0;
        var reader = Task.Run(
            () =>
            {
                while (!end.IsCancellationRequested)
                {
                    var store = world.Machine().Artifacts();
                    foreach (var digest in store.List(ArtifactKind.Dataset))
                    {
                        Assert.Equal(digest, ArtifactDigest.OfFolder(store.Open(ArtifactKind.Dataset, digest)));
                        Interlocked.Increment(ref opened);
                    }
                }
            },
            TestContext.Current.CancellationToken);

        // Two of each at once, which meet in the middle.
        for (var round = 0; round < 3; round++)
        {
            var digests = new string[3];
            Parallel.For(0, digests.Length, index => digests[index] = world.Machine().Artifacts().Publish(ArtifactKind.Dataset, S3World.Files(round)));
            Assert.Single(digests.Distinct());
        }

        while (Volatile.Read(ref opened) < 3 && !reader.IsCompleted)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await end.CancelAsync();
        await reader;
        Assert.Equal(3, world.Machine().Artifacts().List(ArtifactKind.Dataset).Count);
        Assert.Empty(world.Bucket().Uploads(""));
    }

    [Fact]
    public async Task What_is_removed_while_it_is_published_again_is_sent_once_more()
    {
        await using var world = await S3World.StartAsync(fixture);
        var digest = world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files(largeBytes: 1000));
        var removed = 0;
        world.Faults.Decide = call =>
        {
            // Its files were there when it looked.
            if (call.Method == "PUT" && call.Path.EndsWith(".json", StringComparison.Ordinal) && Interlocked.Exchange(ref removed, 1) == 0)
            {
                world.Machine().Artifacts().Remove(ArtifactKind.Expert, digest);
            }

            return Fault.None;
        };

        Assert.Equal(digest, world.Machine(isFaulty: true).Artifacts().Publish(ArtifactKind.Expert, S3World.Files(largeBytes: 1000)));

        Assert.Equal(1, removed);
        world.Machine().Artifacts().Open(ArtifactKind.Expert, digest);
    }

    [Fact]
    public async Task Publishing_and_removing_the_same_at_once_leaves_all_of_it_or_nothing()
    {
        await using var world = await S3World.StartAsync(fixture);
        for (var round = 0; round < 4; round++)
        {
            string? digest = null;
            var known = world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files(round, 1000));
            Parallel.Invoke(
                () => digest = world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files(round, 1000)),
                () => world.Machine().Artifacts().Remove(ArtifactKind.Expert, known));

            var store = world.Machine().Artifacts();
            if (store.Contains(ArtifactKind.Expert, digest!))
            {
                store.Open(ArtifactKind.Expert, digest!);
            }
        }
    }

    [Fact]
    public async Task What_is_old_and_unnamed_goes_and_what_was_renewed_stays()
    {
        await using var world = await S3World.StartAsync(fixture);
        var store = world.Machine(isFaulty: true, S3World.Hasty).Artifacts();
        var (old, renewed) = (store.Publish(ArtifactKind.Expert, S3World.Files(1, 10)), store.Publish(ArtifactKind.Expert, S3World.Files(2, 10)));
        world.Faults.Decide = call => call.IsPart && !call.Query.Contains("partNumber=1&", StringComparison.Ordinal) ? Fault.Reset : Fault.None;
        Assert.Throws<S3Exception>(() => store.Publish(ArtifactKind.Expert, S3World.Files(3)));
        world.Faults.Decide = _ => Fault.None;
        await Task.Delay(2100, TestContext.Current.CancellationToken);
        var since = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(1);
        Assert.True(store.Renew(ArtifactKind.Expert, renewed));
        Assert.False(store.Renew(ArtifactKind.Expert, "sha256:" + new string('1', 64)));

        Assert.Null(store.RemoveIfOlder(ArtifactKind.Expert, renewed, since));

        // One that is late, as a busy machine makes it, leaves the rest to the next.
        Assert.Contains(Enumerable.Range(0, 20), _ => store.RemoveIfOlder(ArtifactKind.Expert, old, since) is not null);
        var removed = 0;
        Assert.Contains(Enumerable.Range(0, 20), _ => (removed += store.RemoveAbandoned(since, _ => { }).Removed) >= 2);

        Assert.Equal([renewed], store.List(ArtifactKind.Expert));
        Assert.Empty(world.Bucket().Uploads(""));
        Assert.Equal(5, world.Bucket().List("experts/").Count);
    }

    [Fact]
    public async Task A_damaged_artifact_is_an_error_that_names_it_and_publishing_again_heals_it()
    {
        await using var world = await S3World.StartAsync(fixture);
        var digest = world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files());
        world.Bucket().Put($"experts/{ArtifactDigest.Hex(digest)}/a.txt", "one 2"u8.ToArray());

        var error = Assert.Throws<ArtifactException>(() => world.Machine().Artifacts().Open(ArtifactKind.Expert, digest));
        Assert.Contains(ArtifactDigest.Hex(digest), error.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);

        world.Machine().Artifacts().Publish(ArtifactKind.Expert, S3World.Files());
        world.Machine().Artifacts().Open(ArtifactKind.Expert, digest);
    }

    [Fact]
    public async Task Of_what_is_derived_the_first_to_publish_is_right_and_what_is_damaged_is_made_again()
    {
        await using var world = await S3World.StartAsync(fixture);
        var from = new DerivedFrom("losses of 1", "sha256:b", ["sha256:d"]);
        static Action<string> Text(string text) => folder => File.WriteAllText(Path.Combine(folder, "losses"), text);
        static string Read(string folder) => File.ReadAllText(Path.Combine(folder, "losses"));
        var notes = new List<string>();
        world.Machine().Derived(notes.Add).Publish(DerivedKind.Results, from, Text("first"));

        Assert.Equal("first", Read(world.Machine().Derived(notes.Add).Publish(DerivedKind.Results, from, Text("second"))));
        Assert.Equal("first", Read(world.Machine().Derived(notes.Add).Find(DerivedKind.Results, from)!));
        Assert.Null(world.Machine().Derived(notes.Add).Find(DerivedKind.Features, from));
        var entry = Assert.Single(world.Machine().Derived(notes.Add).List(DerivedKind.Results));
        Assert.Equal(from.Key, entry.From!.Key);
        Assert.Empty(notes);

        foreach (var file in world.Bucket().List($"results/{entry.Name}/"))
        {
            world.Bucket().Put(file.Key, new byte[file.Size]);
        }

        var late = world.Machine().Derived(notes.Add);
        Assert.Null(late.Find(DerivedKind.Results, from));
        Assert.Contains("damaged", Assert.Single(notes), StringComparison.Ordinal);
        late.Publish(DerivedKind.Results, from, Text("third"));
        Assert.Equal("third", Read(world.Machine().Derived(notes.Add).Find(DerivedKind.Results, from)!));
        Assert.NotNull(late.RemoveIfOlder(DerivedKind.Results, entry.Name, DateTimeOffset.MaxValue));
        Assert.Empty(late.List(DerivedKind.Results));
    }
}
