using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Groups, states and their files: what every optimizer is made of. Derive from it and call _step from step().</summary>
public abstract class OptimizerHelper : optim.Optimizer
{
    protected OptimizerOptions _defaults = null!;
    protected OrderedDict<IntPtr, OptimizerState> _state = new();

    public OptimizerHelper()
    {
    }

    public override IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(static group => group.Parameters);

    public override void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

    public override void zero_grad() => GradientKernels.ZeroGrad(parameters(), setToNone: false);

    public void to(Device device)
    {
        foreach (var parameter in parameters())
        {
            _state[parameter.Handle].to(device);
        }
    }

    public virtual StateDictionary state_dict()
    {
        var result = new StateDictionary();
        foreach (var group in _parameter_groups)
        {
            var positions = new List<int>();
            foreach (var parameter in group.Parameters)
            {
                positions.Add(result.State.Count);
                result.State.Add(_state[parameter.Handle]);
            }
            result.Options.Add(group.Options);
            result.StateIndexRef.Add(positions);
        }
        return result;
    }

    public virtual void load_state_dict(StateDictionary state_dict)
    {
        var mine = this.state_dict();
        RequireSameLayout(mine, state_dict.Options.Count, state_dict.State.Count);
        foreach (var (target, source) in mine.Options.Zip(state_dict.Options))
        {
            if (!ReferenceEquals(target, source))
            {
                target.LoadStateDict(source);
            }
        }
        foreach (var (target, source) in mine.State.Zip(state_dict.State))
        {
            if (!ReferenceEquals(target, source))
            {
                target.LoadStateDict(source);
            }
        }
    }

    public void save_state_dict(string location)
    {
        using var writer = new BinaryWriter(File.Create(location));
        save_state_dict(writer);
    }

    public void load_state_dict(string location)
    {
        using var reader = new BinaryReader(File.OpenRead(location));
        load_state_dict(reader);
    }

    public void save_state_dict(BinaryWriter writer)
    {
        var mine = state_dict();
        writer.Write(GetType().Name);
        writer.Write7BitEncodedInt64(mine.Options.Count);
        writer.Write7BitEncodedInt64(mine.State.Count);
        mine.Options.ForEach(options => options.SaveStateDict(writer));
        mine.State.ForEach(state => state.SaveStateDict(writer));
    }

    public void load_state_dict(BinaryReader reader)
    {
        var kind = reader.ReadString();
        if (kind != GetType().Name)
        {
            throw new InvalidDataException($"Expected the state of {GetType().Name}, found that of {kind}.");
        }
        var mine = state_dict();
        RequireSameLayout(mine, reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        mine.Options.ForEach(options => options.LoadStateDict(reader));
        mine.State.ForEach(state => state.LoadStateDict(reader));
    }

    /// <summary>Calls the closure with gradients on, and then the body once for each group with gradients off.</summary>
    protected Tensor? _step<T>(Action<T> body, Func<Tensor>? loss_closure = null) where T : ParamGroup
    {
        Tensor? loss = null;
        if (loss_closure is not null)
        {
            using var _ = enable_grad();
            loss = loss_closure();
        }

        using (no_grad())
        using (NewDisposeScope())
        {
            foreach (var group in _parameter_groups)
            {
                body((T)group);
            }
        }
        return loss;
    }

    /// <summary>Settles a new group: its parameters are listed once, and each gets a fresh state.</summary>
    internal void Adopt(ParamGroup group, Func<Parameter, OptimizerState> createState)
    {
        var parameters = group.Parameters.ToArray();
        foreach (var parameter in parameters)
        {
            if (_state.ContainsKey(parameter.Handle))
            {
                throw new ArgumentException("A parameter appears twice among the optimizer's groups; each may appear once.", nameof(group));
            }
        }

        group.Parameters = parameters;
        group.InitialLearningRate = group.LearningRate;
        _parameter_groups.Add(group);
        foreach (var parameter in parameters)
        {
            var state = createState(parameter);
            state.Initialize(group.Options);
            _state.Add(parameter.Handle, state);
        }
    }

    internal static void Require(bool holds, string name, double value, string expected)
    {
        if (!holds)
        {
            throw new ArgumentException($"Expected {name} {expected}, found {value}.", name);
        }
    }

    private static void RequireSameLayout(StateDictionary mine, long groups, long states)
    {
        if (groups != mine.Options.Count || states != mine.State.Count)
        {
            throw new ArgumentException($"Expected the state of {mine.Options.Count} groups and {mine.State.Count} parameters, which this optimizer has, found {groups} groups and {states} parameters.");
        }
    }
}
