using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>An ordered list of modules of any kind; a derived class says in forward() how they are called.</summary>
public abstract class Sequential<T, TResult> : nn.Module<T, TResult>
{
    private readonly SubmoduleSequence _sequence = new();

    protected Sequential(params (string name, nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, submodule) in modules)
        {
            _sequence.Add(name, submodule);
        }
    }

    protected Sequential(params nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
        {
            _sequence.Add(module);
        }
    }

    public int Count => _sequence.Count;

    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _sequence[index];

    [IndexerName("SequentialItems")]
    public Sequential<T, TResult> this[(int? start, int? end) index]
    {
        get
        {
            var (start, end) = _sequence.Resolve(index);
            return Slice(start, end);
        }
    }

    [IndexerName("SequentialItems")]
    public Sequential<T, TResult> this[Range index]
    {
        get
        {
            var (start, end) = _sequence.Resolve(index);
            return Slice(start, end);
        }
    }

    public Sequential<T, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    public Sequential<T, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => recurse ? _sequence.Parameters() : [];

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        => recurse ? _sequence.Buffers(include_persistent) : [];

    public override IEnumerable<(string name, nn.Module module)> named_children() => _sequence.Children();

    public override IEnumerable<(string name, nn.Module module)> named_modules() => _sequence.Descendants();

    public override nn.Module apply(Action<nn.Module> fn)
    {
        _sequence.Apply(fn);
        fn(this);
        return this;
    }

    protected internal void Add(string name, nn.Module sm) => _sequence.Add(name, sm);

    protected internal void Add(nn.Module module) => _sequence.Add(module);

    /// <summary>A sequence of the same kind over part of the modules; a derived class that can be sliced overrides this.</summary>
    protected virtual Sequential<T, TResult> Slice(int start, int end)
        => throw new NotSupportedException($"{GetType().Name} cannot be sliced: override Slice() to say how its parts are called.");
}

/// <summary>An ordered list of modules of any kind; a derived class says in forward() how they are called.</summary>
public abstract class Sequential<T1, T2, TResult> : nn.Module<T1, T2, TResult>
{
    private readonly SubmoduleSequence _sequence = new();

    protected Sequential(params (string name, nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, submodule) in modules)
        {
            _sequence.Add(name, submodule);
        }
    }

    protected Sequential(params nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
        {
            _sequence.Add(module);
        }
    }

    public int Count => _sequence.Count;

    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _sequence[index];

    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, TResult> this[(int? start, int? end) index]
    {
        get
        {
            var (start, end) = _sequence.Resolve(index);
            return Slice(start, end);
        }
    }

    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, TResult> this[Range index]
    {
        get
        {
            var (start, end) = _sequence.Resolve(index);
            return Slice(start, end);
        }
    }

    public Sequential<T1, T2, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    public Sequential<T1, T2, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => recurse ? _sequence.Parameters() : [];

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        => recurse ? _sequence.Buffers(include_persistent) : [];

    public override IEnumerable<(string name, nn.Module module)> named_children() => _sequence.Children();

    public override IEnumerable<(string name, nn.Module module)> named_modules() => _sequence.Descendants();

    public override nn.Module apply(Action<nn.Module> fn)
    {
        _sequence.Apply(fn);
        fn(this);
        return this;
    }

    protected internal void Add(string name, nn.Module sm) => _sequence.Add(name, sm);

    protected internal void Add(nn.Module module) => _sequence.Add(module);

    /// <summary>A sequence of the same kind over part of the modules; a derived class that can be sliced overrides this.</summary>
    protected virtual Sequential<T1, T2, TResult> Slice(int start, int end)
        => throw new NotSupportedException($"{GetType().Name} cannot be sliced: override Slice() to say how its parts are called.");
}

/// <summary>An ordered list of modules of any kind; a derived class says in forward() how they are called.</summary>
public abstract class Sequential<T1, T2, T3, TResult> : nn.Module<T1, T2, T3, TResult>
{
    private readonly SubmoduleSequence _sequence = new();

    protected Sequential(params (string name, nn.Module submodule)[] modules) : base(nameof(Sequential))
    {
        foreach (var (name, submodule) in modules)
        {
            _sequence.Add(name, submodule);
        }
    }

    protected Sequential(params nn.Module[] modules) : base(nameof(Sequential))
    {
        foreach (var module in modules)
        {
            _sequence.Add(module);
        }
    }

    public int Count => _sequence.Count;

    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _sequence[index];

    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, T3, TResult> this[(int? start, int? end) index]
    {
        get
        {
            var (start, end) = _sequence.Resolve(index);
            return Slice(start, end);
        }
    }

    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, T3, TResult> this[Range index]
    {
        get
        {
            var (start, end) = _sequence.Resolve(index);
            return Slice(start, end);
        }
    }

    public Sequential<T1, T2, T3, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    public Sequential<T1, T2, T3, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => recurse ? _sequence.Parameters() : [];

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        => recurse ? _sequence.Buffers(include_persistent) : [];

    public override IEnumerable<(string name, nn.Module module)> named_children() => _sequence.Children();

    public override IEnumerable<(string name, nn.Module module)> named_modules() => _sequence.Descendants();

    public override nn.Module apply(Action<nn.Module> fn)
    {
        _sequence.Apply(fn);
        fn(this);
        return this;
    }

    protected internal void Add(string name, nn.Module sm) => _sequence.Add(name, sm);

    protected internal void Add(nn.Module module) => _sequence.Add(module);

    /// <summary>A sequence of the same kind over part of the modules; a derived class that can be sliced overrides this.</summary>
    protected virtual Sequential<T1, T2, T3, TResult> Slice(int start, int end)
        => throw new NotSupportedException($"{GetType().Name} cannot be sliced: override Slice() to say how its parts are called.");
}
