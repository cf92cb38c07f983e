using System;

namespace TorchSharp;

/// <summary>A thread's stack of dispose scopes.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? _threadSingleton;

    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal static DisposeScopeManager ThreadSingleton => _threadSingleton ??= new();

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    internal DisposeScope? CurrentDisposeScope { get; private set; }

    internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);

    /// <summary>Counts a new tensor, and hands it to the innermost scope, if there is one.</summary>
    internal DisposeScope? Register(torch.Tensor tensor)
    {
        if (CurrentDisposeScope is not { } scope)
        {
            StatisticsInstance.TensorStatistics.CreatedOutsideScopeCount++;
            return null;
        }

        StatisticsInstance.TensorStatistics.CreatedInScopeCount++;
        scope.Disposables.Add(tensor);
        return scope;
    }

    internal void CountDisposed(bool inScope)
    {
        if (inScope)
        {
            StatisticsInstance.TensorStatistics.DisposedInScopeCount++;
        }
        else
        {
            StatisticsInstance.TensorStatistics.DisposedOutsideScopeCount++;
        }
    }

    /// <summary>Takes a scope off the stack, wherever in it that is: scopes may be disposed out of order.</summary>
    internal void Remove(DisposeScope scope)
    {
        if (CurrentDisposeScope == scope)
        {
            CurrentDisposeScope = scope.OuterScope;
            return;
        }

        for (var inner = CurrentDisposeScope; inner is not null; inner = inner.OuterScope)
        {
            if (inner.OuterScope == scope)
            {
                inner.OuterScope = scope.OuterScope;
                return;
            }
        }
    }
}
