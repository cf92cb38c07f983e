using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Feeds each module the output of the one before it, and frees what lies between.</summary>
    public class Sequential : nn.Module<Tensor, Tensor>
    {
        private readonly SubmoduleSequence _sequence = new();

        protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : base(nameof(Sequential))
        {
            foreach (var (name, submodule) in modules)
            {
                _sequence.Add(name, submodule);
            }
        }

        protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
        {
            foreach (var module in modules)
            {
                _sequence.Add(module);
            }
        }

        internal Sequential() : base(nameof(Sequential))
        {
        }

        public int Count => _sequence.Count;

        [IndexerName("SequentialItems")]
        public nn.IModule<Tensor, Tensor> this[int index] => At(index);

        [IndexerName("SequentialItems")]
        public Sequential this[(int? start, int? end) index] => Slice(_sequence.Resolve(index));

        [IndexerName("SequentialItems")]
        public Sequential this[Range index] => Slice(_sequence.Resolve(index));

        public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
        {
            _sequence.Add(name, (nn.Module)module);
            return this;
        }

        public Sequential append(nn.IModule<Tensor, Tensor> module)
        {
            _sequence.Add((nn.Module)module);
            return this;
        }

        public override Tensor forward(Tensor tensor)
        {
            if (Count == 0)
            {
                return tensor.alias();
            }
            var current = At(0).call(tensor);
            for (var i = 1; i < Count; i++)
            {
                var next = At(i).call(current);
                if (!ReferenceEquals(next, current))
                {
                    current.Dispose();
                }
                current = next;
            }
            return current;
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

        private nn.IModule<Tensor, Tensor> At(int index) => (nn.IModule<Tensor, Tensor>)_sequence[index];

        private Sequential Slice((int start, int end) range)
        {
            var result = new Sequential();
            foreach (var (name, module) in _sequence.Slice(range.start, range.end))
            {
                result._sequence.Add(name, module);
            }
            return result;
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Sequential Sequential() => new();

            public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules)
                => Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

            public static Sequential Sequential(params Module<Tensor, Tensor>[] modules)
                => Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

            public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules)
                => Sequential((IEnumerable<Tuple<string, Module<Tensor, Tensor>>>)modules);

            public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
            {
                var result = new Sequential();
                foreach (var (name, submodule) in modules)
                {
                    result.append(name, submodule);
                }
                return result;
            }

            public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules)
                => Sequential(modules.Select(static module => (module.Item1, module.Item2)));

            public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
            {
                var result = new Sequential();
                foreach (var module in modules)
                {
                    result.append(module);
                }
                return result;
            }
        }
    }
}
