using System.Diagnostics;
using static TorchSharp.torch;

namespace TorchSharp.Tests.Lifetime;

public sealed class LeakTests
{
    [Fact]
    public void A_long_loop_in_scopes_keeps_memory_and_live_count_where_they_were()
    {
        using var process = Process.GetCurrentProcess();
        using var w = randn([64, 64], requires_grad: true);
        Steps(200);
        var before = Resident();
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Steps(2_000);
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.InRange(Resident() - before, long.MinValue, 20 << 20);

        void Steps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                using var scope = NewDisposeScope();
                var x = randn(64, 64);
                var y = (x.matmul(w).relu() + x.chunk(2)[0].sum()).sum();
                y.backward();
                w.grad!.zero_();
            }
        }

        long Resident()
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    [Fact]
    public void What_was_forgotten_is_freed_by_finalizers()
    {
        Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        var before = process.WorkingSet64;
        for (var round = 0; round < 50; round++)
        {
            Forget();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        process.Refresh();
        Assert.InRange(process.WorkingSet64 - before, long.MinValue, 100 << 20);

        static void Forget()
        {
            for (var i = 0; i < 10; i++)
            {
                _ = ones(1 << 18);
            }
        }
    }

    [Fact]
    public void A_failing_operation_leaves_nothing_behind()
    {
        using var x = ones(2);
        using var y = ones(3);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var i = 0; i < 100; i++)
        {
            Assert.ThrowsAny<Exception>(() => x + y);
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Tensors_survive_a_garbage_collection_in_the_middle_of_a_call()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        for (var i = 0; i < 300; i++)
        {
            using var sum = (ones(100) * 2 + 1).sum();
            Assert.Equal(300f, sum.item<float>());
        }

        stop.Cancel();
        collector.Join();
    }

    [Fact]
    public void A_decoupled_handle_changes_hands()
    {
        var x = ones(3);
        var handle = x.DecoupleFromNativeHandle();
        Assert.True(x.IsInvalid);
        using var y = Tensor.UnsafeCreateTensor(handle);
        Assert.Equal(3f, y.sum().item<float>());
    }

    [Fact]
    public void An_alias_is_disposed_of_on_its_own()
    {
        using var x = ones(3);
        x.alias().Dispose();
        Assert.Equal(3f, x.sum().item<float>());
    }
}
