using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Storage;
using Microsoft.Extensions.Logging;

namespace DyLoraMoe.Sandbox.Tests.Storage;

public sealed class ObjectStoreTests : IDisposable
{
    private const string Collection = "/configmaps";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("dylora-store-").FullName;

    private string Log => Path.Combine(_folder, "objects.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_log_cut_at_any_byte_opens_with_exactly_the_writes_that_were_whole()
    {
        List<(long End, string State)> states = [(new FileInfo(Log) is { Exists: true } file ? file.Length : 0, "")];
        await using (ObjectStore store = new(_folder))
        {
            for (int write = 0; write < 6; write++)
            {
                ObjectKey key = Key($"n{write % 3}");
                ulong expected = store.Latest(key)?.Version ?? 0;
                await store.WriteAsync(key, expected, write == 4 ? null : Object(key.Name, write));
                states.Add((new FileInfo(Log).Length, State(store)));
            }
        }

        byte[] whole = await File.ReadAllBytesAsync(Log);
        for (int length = 0; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(Log, whole[..length]);
            string expected = states.Last(state => state.End <= length).State;
            await using ObjectStore store = new(_folder);
            Assert.True(expected == State(store), $"cut at {length}: expected '{expected}', found '{State(store)}'");
        }
    }

    [Fact]
    public async Task Large_objects_shorten_what_a_watcher_that_comes_back_can_catch_up_with()
    {
        await using ObjectStore store = new(_folder, watchHistory: 100, historyBytes: 10_000);
        List<ulong> versions = [];
        for (int write = 0; write < 20; write++)
        {
            JsonObject value = Object("a", write);
            value["text"] = new string('x', 2_000);
            versions.Add((await store.WriteAsync(Key("a"), versions.LastOrDefault(), value))!.Version);
        }

        Assert.False(store.TrySubscribe(Collection, versions[10], out _, out ulong forgotten));
        Assert.InRange(forgotten, versions[14], versions[16]);
        Assert.True(store.TrySubscribe(Collection, versions[17], out Subscription? subscription, out _));
        subscription.Dispose();
    }

    [Fact]
    public async Task A_state_of_the_past_reads_as_before()
    {
        await using ObjectStore store = new(_folder);
        StoredObject first = (await store.WriteAsync(Key("a"), 0, Object("a", 1)))!;
        string before = first.Shared.ToJsonString();

        await store.WriteAsync(Key("a"), first.Version, Object("a", 2));
        GC.Collect();

        Assert.Equal(before, first.Shared.ToJsonString());
        Assert.Same(store.Latest(Key("a"))!.Shared, store.Latest(Key("a"))!.Shared);
    }

    [Fact]
    public async Task Writing_goes_on_after_a_torn_record()
    {
        await using (ObjectStore store = new(_folder))
        {
            await store.WriteAsync(Key("a"), 0, Object("a", 1));
            await store.WriteAsync(Key("b"), 0, Object("b", 2));
        }

        using (FileStream log = File.Open(Log, FileMode.Open))
        {
            log.SetLength(log.Length - 3);
        }

        await using (ObjectStore store = new(_folder))
        {
            await store.WriteAsync(Key("c"), 0, Object("c", 3));
        }

        await using ObjectStore again = new(_folder);
        Assert.Equal(["a", "c"], again.View.List(Collection).Select(item => item.Key.Name));
        Assert.Equal(2UL, again.View.Version);
    }

    [Fact]
    public async Task Damage_before_whole_records_is_an_error_and_not_a_loss()
    {
        await using (ObjectStore store = new(_folder))
        {
            await store.WriteAsync(Key("a"), 0, Object("a", 1));
            await store.WriteAsync(Key("b"), 0, Object("b", 2));
        }

        byte[] whole = await File.ReadAllBytesAsync(Log);
        whole[30] ^= 1;
        await File.WriteAllBytesAsync(Log, whole);
        Assert.Contains("is damaged", Assert.Throws<InvalidDataException>(() => new ObjectStore(_folder)).Message, StringComparison.Ordinal);
        Assert.Equal(whole, await File.ReadAllBytesAsync(Log));
    }

    [Fact]
    public async Task A_data_folder_has_one_user()
    {
        await using ObjectStore store = new(_folder);
        Assert.Contains("expected to be the only process", Assert.Throws<IOException>(() => new ObjectStore(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_writers_that_saw_the_same_version_one_wins()
    {
        await using ObjectStore store = new(_folder);
        StoredObject?[] made = await Task.WhenAll(Enumerable.Range(0, 50).Select(writer => store.WriteAsync(Key("a"), 0, Object("a", writer))));
        Assert.Single(made, item => item is not null);
    }

    [Fact]
    public async Task The_log_does_not_grow_without_end_and_keeps_the_newest_state()
    {
        string padding = new('x', 200_000);
        await using (ObjectStore store = new(_folder))
        {
            for (int write = 0; write < 100; write++)
            {
                JsonObject item = Object("a", write);
                item["data"] = padding;
                await store.WriteAsync(Key("a"), store.Latest(Key("a"))?.Version ?? 0, item);
            }
        }

        Assert.InRange(new FileInfo(Log).Length, 200_000, 18 << 20);
        await using ObjectStore again = new(_folder);
        Assert.Equal("a=99@100;", State(again));
    }

    [Fact]
    public async Task A_disk_without_room_for_a_new_log_keeps_the_old_one_and_every_write()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no device that is always full.");
        Notes notes = new();
        await using (ObjectStore store = new(_folder) { Logger = notes })
        {
            File.CreateSymbolicLink(Log + ".new", "/dev/full");
            await WriteAsync(store, 100);
            Assert.InRange(new FileInfo(Log).Length, 18 << 20, 32 << 20);
            Assert.False(File.Exists(Log + ".new"));
            Assert.Contains("is not made smaller", Assert.Single(notes.Lines), StringComparison.Ordinal);

            // Once as much was written again there is another try, and now there is room.
            await WriteAsync(store, 100);
            Assert.InRange(new FileInfo(Log).Length, 200_000, 18 << 20);
            Assert.Single(notes.Lines);
        }

        await using ObjectStore again = new(_folder);
        Assert.Equal("a=99@200;", State(again));

        static async Task WriteAsync(ObjectStore store, int times)
        {
            string padding = new('x', 200_000);
            for (int write = 0; write < times; write++)
            {
                JsonObject item = Object("a", write);
                item["data"] = padding;
                await store.WriteAsync(Key("a"), store.Latest(Key("a"))?.Version ?? 0, item).WaitAsync(_patience);
            }
        }
    }

    [Fact]
    public async Task What_goes_wrong_after_a_write_is_on_the_disk_is_told_to_its_writer_and_to_all_that_come_after()
    {
        Notes notes = new();
        await using (ObjectStore store = new(_folder) { Logger = notes })
        {
            store.Published += _ => throw new InvalidOperationException("somebody who listens fails");

            await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync(Key("a"), 0, Object("a", 1)).WaitAsync(_patience));
            IOException refused = await Assert.ThrowsAsync<IOException>(() => store.WriteAsync(Key("b"), 0, Object("b", 2)).WaitAsync(_patience));

            Assert.Equal("the store stopped after a failed write: somebody who listens fails", refused.Message);
            Assert.Contains("The store stopped", Assert.Single(notes.Lines), StringComparison.Ordinal);
        }

        await using ObjectStore again = new(_folder);
        Assert.Equal("a=1@1;", State(again));
    }

    private static ObjectKey Key(string name) => new(Collection, "default", name);

    private static JsonObject Object(string name, int value) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["value"] = value };

    private static string State(ObjectStore store) =>
        string.Concat(store.View.List(Collection).Select(item => $"{item.Key.Name}={item.Shared["value"]}@{item.Version};"));

    private sealed class Notes : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
