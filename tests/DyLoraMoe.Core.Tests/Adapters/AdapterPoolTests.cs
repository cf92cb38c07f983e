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

    private void Use(AdapterPool pool, string name) => pool.Acquire(_folder[name]).Dispose();
}
