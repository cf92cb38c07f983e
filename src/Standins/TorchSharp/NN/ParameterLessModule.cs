using System;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Marks a module that has neither parameters nor buffers, nor submodules that have them.</summary>
public interface IParameterLessModule
{
}

internal static class ParameterLess
{
    public static InvalidOperationException CannotHold(string what, string name, nn.Module owner)
        => new($"{owner.GetName()} is declared to have no parameters, so {what} '{name}' cannot be registered; derive from nn.Module instead.");

    public static void Require(nn.Module? submodule, string name, nn.Module owner)
    {
        if (submodule is not (null or IParameterLessModule))
        {
            throw CannotHold("submodule", name, owner);
        }
    }
}

/// <summary>A module of one argument without parameters and buffers, so that converting it costs nothing.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw ParameterLess.CannotHold("buffer", name, this);

    public override void register_parameter(string name, Parameter param)
        => throw ParameterLess.CannotHold("parameter", name, this);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(submodule, name, this);
        base.register_module(name, submodule);
    }
}

/// <summary>A module of two arguments without parameters and buffers, so that converting it costs nothing.</summary>
public abstract class ParameterLessModule<T1, T2, TResult> : nn.Module<T1, T2, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw ParameterLess.CannotHold("buffer", name, this);

    public override void register_parameter(string name, Parameter param)
        => throw ParameterLess.CannotHold("parameter", name, this);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(submodule, name, this);
        base.register_module(name, submodule);
    }
}

/// <summary>A module of three arguments without parameters and buffers, so that converting it costs nothing.</summary>
public abstract class ParameterLessModule<T1, T2, T3, TResult> : nn.Module<T1, T2, T3, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw ParameterLess.CannotHold("buffer", name, this);

    public override void register_parameter(string name, Parameter param)
        => throw ParameterLess.CannotHold("parameter", name, this);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(submodule, name, this);
        base.register_module(name, submodule);
    }
}

/// <summary>A module of four arguments without parameters and buffers, so that converting it costs nothing.</summary>
public abstract class ParameterLessModule<T1, T2, T3, T4, TResult> : nn.Module<T1, T2, T3, T4, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw ParameterLess.CannotHold("buffer", name, this);

    public override void register_parameter(string name, Parameter param)
        => throw ParameterLess.CannotHold("parameter", name, this);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(submodule, name, this);
        base.register_module(name, submodule);
    }
}

/// <summary>A module of five arguments without parameters and buffers, so that converting it costs nothing.</summary>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, TResult> : nn.Module<T1, T2, T3, T4, T5, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw ParameterLess.CannotHold("buffer", name, this);

    public override void register_parameter(string name, Parameter param)
        => throw ParameterLess.CannotHold("parameter", name, this);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(submodule, name, this);
        base.register_module(name, submodule);
    }
}

/// <summary>A module of six arguments without parameters and buffers, so that converting it costs nothing.</summary>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, T6, TResult> : nn.Module<T1, T2, T3, T4, T5, T6, TResult>, IParameterLessModule
{
    protected ParameterLessModule(string name) : base(name)
    {
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw ParameterLess.CannotHold("buffer", name, this);

    public override void register_parameter(string name, Parameter param)
        => throw ParameterLess.CannotHold("parameter", name, this);

    public override void register_module(string name, nn.Module submodule)
    {
        ParameterLess.Require(submodule, name, this);
        base.register_module(name, submodule);
    }
}
