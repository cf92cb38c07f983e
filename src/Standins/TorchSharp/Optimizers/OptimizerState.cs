using System;
using System.IO;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What an optimizer remembers about one parameter.</summary>
public abstract class OptimizerState
{
    protected Parameter _parameter;

    protected OptimizerState(Parameter parameter)
    {
        _parameter = parameter;
    }

    public abstract void SaveStateDict(BinaryWriter writer);

    public abstract void LoadStateDict(BinaryReader reader);

    public abstract void LoadStateDict(OptimizerState source);

    public virtual bool ApproximatelyEquals(OptimizerState other) => false;

    public abstract void Initialize(OptimizerOptions options);

    public virtual void to(Device device)
    {
    }

    protected static void SaveConditionalStateTensor(BinaryWriter writer, Tensor? tensor)
    {
        writer.Write(tensor is not null);
        tensor?.Save(writer);
    }

    protected static void LoadConditionalStateTensor(BinaryReader reader, ref Tensor? result, Device device)
    {
        if (reader.ReadBoolean())
        {
            TensorExtensionMethods.Load(ref result, reader);
            result = Move(result!, device);
        }
        else
        {
            result?.Dispose();
            result = null;
        }
    }

    /// <summary>The source itself (or its kind), or an error that says what was given instead.</summary>
    internal TState Expect<TState>(OptimizerState source) where TState : OptimizerState
        => source as TState ?? throw new ArgumentException($"Expected the state of the same kind of optimizer, {GetType()}, found {source?.GetType().ToString() ?? "null"}.", nameof(source));

    internal static void Replace(ref Tensor? mine, Tensor? source, Device device)
    {
        mine?.Dispose();
        mine = source?.to(device, copy: true).DetachFromDisposeScope();
    }

    internal static Tensor Move(Tensor tensor, Device device)
        => tensor.to(device, disposeAfter: true).DetachFromDisposeScope();

    internal static Tensor Zeros(Parameter parameter)
    {
        using var _ = no_grad();
        return zeros_like(parameter, requires_grad: false).DetachFromDisposeScope();
    }

    internal static bool Close(Tensor? first, Tensor? second)
        => first is null ? second is null : second is not null && first.allclose(second);
}
