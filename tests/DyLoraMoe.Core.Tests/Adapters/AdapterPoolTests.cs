using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Core.Tests.Adapters;

public sealed class AdapterPoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CausalLanguageModel _model = TinyModels.Create();
    private readonly long _bytes;

    public AdapterPoolTests()
    {
        foreach (var name in (string[])["a", "b", "c"])
        {
            using var adapter = LoraAdapterTests.Trained(_model, seed: name[0]);
            PeftFolder.Save(_folder[name], adapter);
            _bytes = adapter.Bytes;
        }
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_least_recently_used_adapter_moves_to_host_and_then_to_disk()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes, HostBytes = _bytes });

        Use(pool, "a");
        Assert.Equal((_bytes, 0), (pool.DeviceBytes, pool.HostBytes));
        Use(pool, "b");
        Assert.Equal((_bytes, _bytes), (pool.DeviceBytes, pool.HostBytes));
        Use(pool, "c");
        Assert.Equal((_bytes, _bytes), (pool.DeviceBytes, pool.HostBytes));

        // "a" left for the disk: without its folder it cannot come back, while "b" only left for the host.
        Directory.Delete(_folder["a"], recursive: true);
        Directory.Delete(_folder["b"], recursive: true);
        Use(pool, "b");
        Assert.ThrowsAny<IOException>(() => Use(pool, "a"));
    }

    [Fact]
    public void An_adapter_in_use_stays_even_over_the_limit()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes, HostBytes = 0 });

        using var first = pool.Acquire(_folder["a"]);
        using var second = pool.Acquire(_folder["b"]);

        Assert.Equal(2 * _bytes, pool.DeviceBytes);
        Assert.True(first.Adapter.Layers.Values.First().A.numel() > 0);
        second.Dispose();
        Assert.Equal(_bytes, pool.DeviceBytes);
    }

    [Fact]
    public void Adapters_that_nobody_holds_make_room_for_copies_of_the_others()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = 3 * _bytes, HostBytes = 2 * _bytes });
        Use(pool, "a");
        Use(pool, "b");
        using var held = pool.Acquire(_folder["c"]);
        Assert.Equal((3 * _bytes, 0), (pool.DeviceBytes, pool.HostBytes));

        pool.CopiedBytes = _bytes;
        Assert.Equal((2 * _bytes, _bytes), (pool.DeviceBytes, pool.HostBytes));
        pool.CopiedBytes = 4 * _bytes;
        Assert.Equal((_bytes, 2 * _bytes), (pool.DeviceBytes, pool.HostBytes));
        pool.Prefetch([_folder["a"]]);
        Assert.Equal((_bytes, 2 * _bytes), (pool.DeviceBytes, pool.HostBytes));

        pool.CopiedBytes = 0;
        Use(pool, "a");
        Assert.Equal((2 * _bytes, _bytes), (pool.DeviceBytes, pool.HostBytes));
    }

    [Fact]
    public void Two_leases_share_one_copy()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions());

        using var first = pool.Acquire(_folder["a"]);
        using var second = pool.Acquire(Path.Combine(_folder.FullPath, "b", "..", "a"));

        Assert.Same(first.Adapter, second.Adapter);
        Assert.Equal(_bytes, pool.DeviceBytes);
    }

    [Fact]
    public void An_adapter_that_came_back_from_the_host_is_unchanged()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes });
        using var original = PeftFolder.Load(_folder["a"], _model);

        Use(pool, "a");
        Use(pool, "b");
        using var lease = pool.Acquire(_folder["a"]);

        foreach (var (path, layer) in original.Layers)
        {
            TensorAssert.Same(layer.B, lease.Adapter.Layers[path].B);
        }
    }

    [Fact]
    public void Hits_are_counted_by_place()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes, HostBytes = _bytes });

        foreach (var name in (string[])["a", "a", "b", "a", "c", "b"])
        {
            Use(pool, name);
        }

        Assert.Equal(new AdapterPoolCounts(DeviceHits: 1, HostHits: 1, DiskReads: 4, ReadAhead: 0), pool.Counts);
    }

    [Fact]
    public void What_was_prefetched_is_there_the_likeliest_on_the_device()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes, HostBytes = _bytes });

        Assert.Equal(2, pool.Prefetch([_folder["b"], _folder["a"], _folder["c"]]));
        Assert.Equal(0, pool.Prefetch([_folder["b"]]));
        Use(pool, "b");
        Use(pool, "a");

        Assert.Equal(new AdapterPoolCounts(DeviceHits: 1, HostHits: 1, DiskReads: 0, ReadAhead: 2), pool.Counts);
    }

    [Fact]
    public void Prefetching_lets_go_of_others_but_never_of_what_is_held()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes, HostBytes = _bytes });
        using var held = pool.Acquire(_folder["a"]);

        pool.Prefetch([_folder["b"], _folder["c"]]);

        Assert.True(held.Adapter.Layers.Values.First().A.numel() > 0);
        Assert.Equal((_bytes, _bytes), (pool.DeviceBytes, pool.HostBytes));
        Use(pool, "b");
        Assert.Equal(1, pool.Counts.HostHits);
    }

    [Fact]
    public void An_adapter_that_cannot_be_read_is_passed_over_until_somebody_wants_it()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions());
        File.WriteAllText(Path.Combine(_folder["b"], "adapter_config.json"), "no json");

        Assert.Equal(1, pool.Prefetch([_folder["missing"], _folder["b"], _folder["a"]]));
        Assert.ThrowsAny<IOException>(() => Use(pool, "b"));
        Assert.ThrowsAny<IOException>(() => Use(pool, "missing"));
        Use(pool, "a");

        Assert.Equal(_bytes, pool.DeviceBytes);
    }

    [Fact]
    public void Many_threads_get_the_right_adapters_within_the_limits()
    {
        using var pool = new AdapterPool(_model, new AdapterPoolOptions { DeviceBytes = _bytes, HostBytes = 0 });
        string[] names = ["a", "b", "c"];
        var expected = names.ToDictionary(name => name, name =>
        {
            using var adapter = PeftFolder.Load(_folder[name], _model);
            return Sum(adapter);
        });

        Parallel.For(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 6 }, turn =>
        {
            var name = names[turn * 7 % 3];
            if (turn % 5 == 0)
            {
                pool.Prefetch([_folder[names[turn % 3]], _folder[name]]);
            }

            using var lease = pool.Acquire(_folder[name]);
            Assert.Equal(expected[name], Sum(lease.Adapter));
        });

        Assert.InRange(pool.DeviceBytes, 0, _bytes);
        Assert.Equal(120, pool.Counts.DeviceHits + pool.Counts.HostHits + pool.Counts.DiskReads);
    }

    private static float Sum(LoraAdapter adapter)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var _ = TorchSharp.torch.no_grad();
        return adapter.Layers.OrderBy(pair => pair.Key, StringComparer.Ordinal).Sum(pair => pair.Value.B.sum().item<float>());
    }

    private void Use(AdapterPool pool, string name) => pool.Acquire(_folder[name]).Dispose();
}
