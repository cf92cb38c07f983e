using System;
using System.Linq;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A tree of parameters, buffers and submodules, each under a name. Derive from the generic forms to add a forward pass.</summary>
        public partial class Module : IDisposable
        {
            protected OrderedDict<string, Module> _internal_submodules = new();
            protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new();
            protected OrderedDict<string, Parameter> _internal_params = new();
            protected string? name;

            private bool _areComponentsRegistered;
            private bool _disposed;
            private bool _training = true;

            protected Module(string name)
            {
                this.name = name;
            }

            ~Module() => Dispose(false);

            public virtual bool training => _training;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Frees every parameter and buffer of this module and of its submodules.</summary>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _disposed)
                {
                    return;
                }
                _disposed = true;

                foreach (var (buffer, _) in _internal_buffers.Values)
                {
                    Free(buffer);
                }
                foreach (var parameter in _internal_params.Values)
                {
                    Free(parameter);
                }
                foreach (var (_, child) in named_children().ToList())
                {
                    child.Dispose();
                }
            }

            /// <summary>Switches this module and everything below it between training and evaluation.</summary>
            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var (_, child) in named_children())
                {
                    child.train(train);
                }
            }

            public virtual void eval() => train(false);

            /// <summary>Calls <paramref name="fn"/> on every submodule, deepest first, and then on this module.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var child in _internal_submodules.Values)
                {
                    child.apply(fn);
                }
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true) => GradientKernels.ZeroGrad(parameters(), set_to_none);

            public virtual string GetName() => string.IsNullOrEmpty(name) ? GetType().Name : name;

            internal static bool IsAlive(Tensor? tensor) => tensor is { IsInvalid: false };

            private static void Free(Tensor tensor)
            {
                if (IsAlive(tensor))
                {
                    tensor.DetachFromDisposeScope().Dispose();
                }
            }
        }
    }
}
