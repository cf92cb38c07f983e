using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>
    /// p ← p - lr · m̂ / (√v̂ + eps), with running means m of the gradient and v of its square, weight decay being
    /// part of the gradient (https://arxiv.org/abs/1412.6980). One native call per group and step.
    /// </summary>
    public class Adam : OptimizerHelper, optim.IBetas
    {
        public Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
        {
        }

        public Adam(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            Require(lr >= 0, nameof(lr), lr, "of at least 0");
            Require(eps >= 0, nameof(eps), eps, "of at least 0");
            Require(beta1 is >= 0 and < 1, nameof(beta1), beta1, "in [0, 1)");
            Require(beta2 is >= 0 and < 1, nameof(beta2), beta2, "in [0, 1)");
            Require(weight_decay >= 0, nameof(weight_decay), weight_decay, "of at least 0");

            _defaults = new Options
            {
                LearningRate = lr,
                InitialLearningRate = lr,
                beta1 = beta1,
                beta2 = beta2,
                eps = eps,
                weight_decay = weight_decay,
                amsgrad = amsgrad,
                maximize = maximize,
            };
            foreach (var group in parameters)
            {
                add_param_group(group);
            }
        }

        private Options Defaults => (Options)_defaults;

        public (double, double) Betas
        {
            get => (Defaults.beta1.GetValueOrDefault(), Defaults.beta2.GetValueOrDefault());
            set => (Defaults.beta1, Defaults.beta2) = value;
        }

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

        private void StepGroup(ParamGroup group)
        {
            var options = group.Options;
            var states = group.Parameters.Select(parameter => (parameter, state: (State)_state[parameter.Handle])).ToArray();
            var kernel = new AdamKernel(states.Length, options.amsgrad.GetValueOrDefault());
            for (var i = 0; i < states.Length; i++)
            {
                var (parameter, state) = states[i];
                kernel.Set(i, parameter, state.exp_avg, state.exp_avg_sq, state.max_exp_avg_sq, state.step);
            }

            kernel.Step(
                options.LearningRate.GetValueOrDefault(), options.beta1.GetValueOrDefault(), options.beta2.GetValueOrDefault(), options.eps.GetValueOrDefault(),
                options.weight_decay.GetValueOrDefault(), decoupled: false, options.maximize.GetValueOrDefault());

            for (var i = 0; i < states.Length; i++)
            {
                states[i].state.step = kernel.Steps[i];
            }
        }

        /// <summary>Steps taken, and the running means of the gradient and of its square.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            public long step;
            public Tensor exp_avg = null!;
            public Tensor exp_avg_sq = null!;
            public Tensor? max_exp_avg_sq;

            public State(Parameter parameter) : base(parameter)
            {
            }

            public void Dispose()
            {
                exp_avg?.Dispose();
                exp_avg_sq?.Dispose();
                max_exp_avg_sq?.Dispose();
            }

            public override void Initialize(OptimizerOptions options)
            {
                Dispose();
                step = 0;
                exp_avg = Zeros(_parameter);
                exp_avg_sq = Zeros(_parameter);
                max_exp_avg_sq = ((Options)options).amsgrad == true ? Zeros(_parameter) : null;
            }

            public override void to(Device device)
            {
                exp_avg = Move(exp_avg, device);
                exp_avg_sq = Move(exp_avg_sq, device);
                max_exp_avg_sq = max_exp_avg_sq is null ? null : Move(max_exp_avg_sq, device);
            }

            public override void SaveStateDict(BinaryWriter writer)
            {
                writer.Write(step);
                exp_avg.Save(writer);
                exp_avg_sq.Save(writer);
                SaveConditionalStateTensor(writer, max_exp_avg_sq);
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                step = reader.ReadInt64();
                exp_avg.Load(reader);
                exp_avg_sq.Load(reader);
                LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
            }

            public override void LoadStateDict(OptimizerState source)
            {
                var from = Expect<State>(source);
                step = from.step;
                Replace(ref exp_avg!, from.exp_avg, _parameter.device);
                Replace(ref exp_avg_sq!, from.exp_avg_sq, _parameter.device);
                Replace(ref max_exp_avg_sq, from.max_exp_avg_sq, _parameter.device);
            }

            public override bool ApproximatelyEquals(OptimizerState other)
                => other is State state && step == state.step && Close(exp_avg, state.exp_avg)
                    && Close(exp_avg_sq, state.exp_avg_sq) && Close(max_exp_avg_sq, state.max_exp_avg_sq);
        }

        public class Options : OptimizerOptions
        {
            public double? beta1;
            public double? beta2;
            public double? weight_decay;
            public double? eps;
            public bool? amsgrad;
            public bool? maximize;

            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(beta1.GetValueOrDefault());
                writer.Write(beta2.GetValueOrDefault());
                writer.Write(eps.GetValueOrDefault());
                writer.Write(weight_decay.GetValueOrDefault());
                writer.Write(amsgrad.GetValueOrDefault());
                writer.Write(maximize.GetValueOrDefault());
            }

            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                beta1 = reader.ReadDouble();
                beta2 = reader.ReadDouble();
                eps = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                amsgrad = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var from = (Options)source;
                (beta1, beta2, eps) = (from.beta1, from.beta2, from.eps);
                (weight_decay, amsgrad, maximize) = (from.weight_decay, from.amsgrad, from.maximize);
            }

            internal void FillFrom(Options defaults)
            {
                LearningRate ??= defaults.LearningRate;
                beta1 ??= defaults.beta1;
                beta2 ??= defaults.beta2;
                eps ??= defaults.eps;
                weight_decay ??= defaults.weight_decay;
                amsgrad ??= defaults.amsgrad;
                maximize ??= defaults.maximize;
            }
        }

        public class ParamGroup : ParamGroup<Options>, optim.IBetas
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize })
            {
            }

            public (double, double) Betas
            {
                get => (Options.beta1.GetValueOrDefault(), Options.beta2.GetValueOrDefault());
                set => (Options.beta1, Options.beta2) = value;
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
            public static Adam Adam(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters.Select(static named => named.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            public static Adam Adam(IEnumerable<Adam.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                => new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
