using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>p ← p - lr · d, where d is the gradient or, with momentum, a running sum of gradients. One native call per group and step.</summary>
    public class SGD : OptimizerHelper, optim.IMomentum
    {
        public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
        {
        }

        public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        {
            Require(lr >= 0, nameof(lr), lr, "of at least 0");
            Require(momentum >= 0, nameof(momentum), momentum, "of at least 0");
            Require(weight_decay >= 0, nameof(weight_decay), weight_decay, "of at least 0");
            if (nesterov && (momentum <= 0 || dampening != 0))
            {
                throw new ArgumentException($"Nesterov momentum needs a momentum above 0 and no dampening, found momentum {momentum} and dampening {dampening}.", nameof(nesterov));
            }

            _defaults = new Options
            {
                LearningRate = lr,
                InitialLearningRate = lr,
                momentum = momentum,
                dampening = dampening,
                weight_decay = weight_decay,
                nesterov = nesterov,
                maximize = maximize,
            };
            foreach (var group in parameters)
            {
                add_param_group(group);
            }
        }

        public double Momentum
        {
            get => Defaults.momentum.GetValueOrDefault();
            set => Defaults.momentum = value;
        }

        private Options Defaults => (Options)_defaults;

        public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(StepGroup, closure);

        public override void add_param_group(Modules.ParamGroup param_group)
        {
            param_group.Options ??= new Options();
            ((Options)param_group.Options).FillFrom(Defaults);
            Adopt(param_group, static parameter => new State(parameter));
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                foreach (var state in _state.Values)
                {
                    ((State)state).Dispose();
                }
                _state.Clear();
            }
            base.Dispose(disposing);
        }

        private unsafe void StepGroup(ParamGroup group)
        {
            var options = group.Options;
            var states = group.Parameters.Select(parameter => (parameter, state: (State)_state[parameter.Handle])).ToArray();
            using var parameters = new TensorList(states.Select(static entry => entry.parameter));
            using var buffers = new TensorList(states.Select(static entry => entry.state.momentum_buffer));

            var status = Native.st_sgd_step(
                parameters.Handles, buffers.Handles, parameters.Count, options.LearningRate.GetValueOrDefault(), options.momentum.GetValueOrDefault(),
                options.dampening.GetValueOrDefault(), options.weight_decay.GetValueOrDefault(),
                options.nesterov.GetValueOrDefault().Int(), options.maximize.GetValueOrDefault().Int());

            // Even after a failure, buffers that were created must find their owner.
            for (var i = 0; i < states.Length; i++)
            {
                if (states[i].state.momentum_buffer is null && buffers.Handles[i] != 0)
                {
                    states[i].state.momentum_buffer = new Tensor(buffers.Handles[i]).DetachFromDisposeScope();
                }
            }
            Native.Check(status);
        }

        /// <summary>The running sum of gradients; null before the first step and without momentum.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            public Tensor? momentum_buffer;

            public State(Parameter parameter) : base(parameter)
            {
            }

            public void Dispose() => momentum_buffer?.Dispose();

            public override void Initialize(OptimizerOptions options)
            {
                momentum_buffer?.Dispose();
                momentum_buffer = null;
            }

            public override void to(Device device)
                => momentum_buffer = momentum_buffer is null ? null : Move(momentum_buffer, device);

            public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

            public override void LoadStateDict(BinaryReader reader)
                => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

            public override void LoadStateDict(OptimizerState source)
                => Replace(ref momentum_buffer, Expect<State>(source).momentum_buffer, _parameter.device);

            public override bool ApproximatelyEquals(OptimizerState other)
                => other is State state && Close(momentum_buffer, state.momentum_buffer);
        }

        public class Options : OptimizerOptions
        {
            public double? momentum;
            public double? dampening;
            public double? weight_decay;
            public bool? nesterov;
            public bool? maximize;

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(momentum.GetValueOrDefault());
                writer.Write(dampening.GetValueOrDefault());
                writer.Write(weight_decay.GetValueOrDefault());
                writer.Write(nesterov.GetValueOrDefault());
                writer.Write(maximize.GetValueOrDefault());
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                momentum = reader.ReadDouble();
                dampening = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                nesterov = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var from = (Options)source;
                (momentum, dampening, weight_decay) = (from.momentum, from.dampening, from.weight_decay);
                (nesterov, maximize) = (from.nesterov, from.maximize);
            }

            internal void FillFrom(Options defaults)
            {
                LearningRate ??= defaults.LearningRate;
                momentum ??= defaults.momentum;
                dampening ??= defaults.dampening;
                weight_decay ??= defaults.weight_decay;
                nesterov ??= defaults.nesterov;
                maximize ??= defaults.maximize;
            }
        }

        public class ParamGroup : ParamGroup<Options>, optim.IMomentum
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize })
            {
            }

            public double Momentum
            {
                get => Options.momentum.GetValueOrDefault();
                set => Options.momentum = value;
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            public static SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters.Select(static named => named.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            public static SGD SGD(IEnumerable<SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                => new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
