using static TorchSharp.torch;

namespace TorchSharp.Tests.Lifetime;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor x;
        using (NewDisposeScope())
        {
            x = ones(1);
            Assert.False(x.IsInvalid);
        }

        Assert.True(x.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => x.Handle);
        Assert.Throws<InvalidOperationException>(() => x + 1);
    }

    [Fact]
    public void What_is_moved_out_lives_until_the_outer_scope_ends()
    {
        Tensor x;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                x = ones(1).MoveToOuterDisposeScope();
            }

            Assert.False(x.IsInvalid);
        }

        Assert.True(x.IsInvalid);
    }

    [Fact]
    public void What_is_detached_lives_on()
    {
        Tensor x;
        using (NewDisposeScope())
        {
            x = ones(1).DetachFromDisposeScope();
        }

        Assert.False(x.IsInvalid);
        x.Dispose();
    }

    [Fact]
    public void A_wrapped_expression_leaves_its_result_only()
    {
        using var outer = NewDisposeScope();
        Tensor? inner = null;
        var x = WrappedTensorDisposeScope(() =>
        {
            inner = ones(3);
            return inner.sum();
        });
        Assert.True(inner!.IsInvalid);
        Assert.Equal(3f, x.item<float>());
        Assert.Equal(1, outer.DisposablesCount);
        Assert.Same(x, outer.DisposablesView[0]);
    }

    [Fact]
    public void Everything_but_some_can_be_disposed()
    {
        using var scope = NewDisposeScope();
        var x = ones(1);
        var y = ones(1);
        scope.DisposeEverythingBut(y);
        Assert.True(x.IsInvalid);
        Assert.False(y.IsInvalid);
        Assert.True(scope.Contains(y));
        scope.DisposeEverything();
        Assert.True(y.IsInvalid);
    }

    [Fact]
    public void Disposing_twice_is_harmless()
    {
        using var scope = NewDisposeScope();
        var x = ones(1);
        x.Dispose();
        x.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Objects_can_be_attached_and_moved_between_scopes()
    {
        var x = ones(1);
        using (var scope = NewDisposeScope())
        {
            scope.Attach(x);
            var other = ones(1).DetachFromDisposeScope();
            other.MoveToOtherDisposeScope(x);
            Assert.Equal(2, scope.DisposablesCount);
            (_, _) = scope.Detach(x, other);
            Assert.Equal(0, scope.DisposablesCount);
            other.Dispose();
        }

        Assert.False(x.IsInvalid);
        x.Dispose();
    }

    [Fact]
    public void Scopes_may_end_out_of_order()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        var x = ones(1);
        outer.Dispose();
        Assert.Same(inner, CurrentDisposeScope);
        Assert.False(x.IsInvalid);
        inner.Dispose();
        Assert.True(x.IsInvalid);
        Assert.Throws<ObjectDisposedException>(() => inner.DisposablesCount);
    }

    [Fact]
    public void Statistics_count_by_thread()
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var outside = ones(1);
        using (NewDisposeScope())
        {
            _ = ones(1);
            _ = ones(1).DetachFromDisposeScope();
            Assert.Equal(2, statistics.CreatedInScopeCount);
            Assert.Equal(1, statistics.DetachedFromScopeCount);
            Assert.Equal(3, statistics.ThreadTotalLiveCount);
        }

        Assert.Equal(1, statistics.DisposedInScopeCount);
        Assert.Equal(2, statistics.ThreadTotalLiveCount);
        outside.Dispose();
        Assert.Equal(1, statistics.TensorStatistics.DisposedOutsideScopeCount);
        Assert.Equal(1, statistics.CreatedOutsideScopeCount);
        Assert.Contains("ThreadTotalLiveCount: 1", statistics.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_becomes_one_tensor_and_no_second_one()
    {
        DisposeScopeManager.Statistics.Reset();
        using var number = 2f.ToTensor();
        Assert.Equal(1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Scopes_of_other_threads_are_apart()
    {
        using var scope = NewDisposeScope();
        DisposeScope? there = scope;
        var thread = new Thread(() =>
        {
            there = CurrentDisposeScope;
            ones(1).Dispose();
        });
        thread.Start();
        thread.Join();
        Assert.Null(there);
        Assert.Equal(0, scope.DisposablesCount);
    }
}
