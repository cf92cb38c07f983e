using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

/// <summary>Disposes, at its own end, every tensor that its thread made meanwhile and that was not moved out.</summary>
public sealed class DisposeScope : IDisposable
{
    private DisposeScopeManager? _manager;

    internal DisposeScope(DisposeScopeManager manager)
    {
        _manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    /// <summary>What the scope holds now, as a copy.</summary>
    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            ThrowIfDisposed();
            return [.. Disposables];
        }
    }

    public int DisposablesCount
    {
        get
        {
            ThrowIfDisposed();
            return Disposables.Count;
        }
    }

    internal DisposeScope? OuterScope { get; set; }

    internal HashSet<IDisposable> Disposables { get; private set; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Hands objects to the next scope outwards; without one they belong to no scope.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        MoveToOther(OuterScope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => MoveToOther(OuterScope, first, second);

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => MoveToOther(OuterScope, first, second, third);

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, disposables.AsEnumerable());

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    /// <summary>Hands objects to another scope; for null they belong to no scope.</summary>
    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        ThrowIfDisposed();
        Move(scope, disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, disposables.AsEnumerable());

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        foreach (var disposable in disposables)
        {
            Move(scope, disposable);
        }
    }

    /// <summary>Takes objects out of all scopes: they live until they are disposed of or forgotten.</summary>
    public T Detach<T>(T disposable)
        where T : IDisposable => MoveToOther(null, disposable);

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => MoveToOther(null, first, second);

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => MoveToOther(null, first, second, third);

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables.AsEnumerable());

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    /// <summary>Takes objects into this scope, out of the one that holds them, if any.</summary>
    public void Attach(IDisposable disposable)
    {
        ThrowIfDisposed();
        AttachOne(disposable);
    }

    public void Attach(params IDisposable[] disposables) => Attach(disposables.AsEnumerable());

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        var result = disposables.ToList();
        result.ForEach(AttachOne);
        return result;
    }

    public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());

    /// <summary>Disposes what the scope holds, except for what shall stay in it.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfDisposed();
        var old = Disposables;
        Disposables = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        foreach (var disposable in old)
        {
            if (!Disposables.Contains(disposable))
            {
                disposable.Dispose();
            }
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut(keep.AsEnumerable());

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    public (T1 first, T2 second) DisposeEverythingBut<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second]);
        return (first, second);
    }

    public (T1 first, T2 second, T3 third) DisposeEverythingBut<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[first, second, third]);
        return (first, second, third);
    }

    public void Dispose()
    {
        if (_manager is null)
        {
            return;
        }

        DisposeEverything();
        _manager.Remove(this);
        _manager = null;
    }

    /// <summary>Forgets an object that was disposed of by other means.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfDisposed();
        Disposables.Remove(disposable);
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = null;
        }
    }

    public bool Contains(IDisposable disposable) => Disposables.Contains(disposable);

    /// <summary>Puts a tensor in the place that another has in its scope.</summary>
    internal static void ReplaceWith(torch.Tensor original, torch.Tensor replacement)
    {
        if (original.OwningDisposeScope is { } scope && scope.Disposables.Remove(original))
        {
            original.OwningDisposeScope = null;
            replacement.OwningDisposeScope?.Disposables.Remove(replacement);
            scope.Disposables.Add(replacement);
            replacement.OwningDisposeScope = scope;
        }
    }

    /// <summary>Ends the scope without disposing what it holds, which is returned and belongs to no scope.</summary>
    internal HashSet<IDisposable> DetachAllAndDispose()
    {
        var disposables = Disposables;
        foreach (var disposable in disposables)
        {
            Release(disposable);
        }

        Disposables = new(ReferenceEqualityComparer.Instance);
        Dispose();
        return disposables;
    }

    private void Move(DisposeScope? scope, IDisposable disposable)
    {
        if (!Disposables.Contains(disposable))
        {
            return;
        }

        if (scope is null)
        {
            Disposables.Remove(disposable);
            Release(disposable);
        }
        else
        {
            scope.Take(disposable);
        }
    }

    private void Release(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            _manager!.StatisticsInstance.TensorStatistics.DetachedFromScopeCount++;
            tensor.OwningDisposeScope = null;
        }
    }

    private void AttachOne(IDisposable disposable)
    {
        if (Take(disposable))
        {
            _manager!.StatisticsInstance.TensorStatistics.AttachedToScopeCount++;
        }
    }

    private bool Take(IDisposable disposable)
    {
        if (disposable is not torch.Tensor tensor)
        {
            throw new InvalidOperationException(
                $"A dispose scope manages tensors only, found {disposable?.GetType().FullName ?? "null"}.");
        }

        if (tensor.OwningDisposeScope == this)
        {
            return false;
        }

        tensor.OwningDisposeScope?.Disposables.Remove(tensor);
        Disposables.Add(tensor);
        tensor.OwningDisposeScope = this;
        return true;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_manager is null, this);
}
