using System;
using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>Every parameter once, under the first name that leads to it.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr>();
                foreach (var (name, parameter) in _internal_params)
                {
                    if (IsAlive(parameter) && seen.Add(parameter.Handle))
                    {
                        yield return (name, parameter);
                    }
                }
                if (!recurse)
                {
                    yield break;
                }
                foreach (var (child, module) in _internal_submodules)
                {
                    foreach (var (name, parameter) in module.named_parameters(true))
                    {
                        if (IsAlive(parameter) && seen.Add(parameter.Handle))
                        {
                            yield return ($"{child}.{name}", parameter);
                        }
                    }
                }
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(static p => p.parameter);

            /// <summary>Every buffer once; those that are not part of the state dictionary only on request.</summary>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr>();
                foreach (var (name, (buffer, persistent)) in _internal_buffers)
                {
                    if ((persistent || include_nonpersistent) && IsAlive(buffer) && seen.Add(buffer.Handle))
                    {
                        yield return (name, buffer);
                    }
                }
                if (!recurse)
                {
                    yield break;
                }
                foreach (var (child, module) in _internal_submodules)
                {
                    foreach (var (name, buffer) in module.named_buffers(true, include_nonpersistent))
                    {
                        if (IsAlive(buffer) && seen.Add(buffer.Handle))
                        {
                            yield return ($"{child}.{name}", buffer);
                        }
                    }
                }
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true)
                => named_buffers(recurse, include_nonpersistent).Select(static b => b.buffer);

            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            public virtual IEnumerable<Module> children() => named_children().Select(static c => c.module);

            /// <summary>Everything below this module (not the module itself): first the children, then what is below each.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in _internal_submodules)
                {
                    yield return child;
                }
                foreach (var (child, module) in _internal_submodules)
                {
                    foreach (var (name, descendant) in module.named_modules())
                    {
                        yield return ($"{child}.{name}", descendant);
                    }
                }
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(static m => m.module);

            public virtual bool has_parameter(string target)
                => _internal_params.ContainsKey(target) || (DescendTowards(target) is var (child, rest) && child.has_parameter(rest));

            public virtual bool has_buffer(string target)
                => _internal_buffers.ContainsKey(target) || (DescendTowards(target) is var (child, rest) && child.has_buffer(rest));

            /// <summary>The parameter at that dotted path, or null.</summary>
            public virtual Parameter? get_parameter(string target)
            {
                if (_internal_params.TryGetValue(target, out var parameter))
                {
                    return parameter;
                }
                return DescendTowards(target) is var (child, rest) ? child.get_parameter(rest) : null;
            }

            /// <summary>The buffer at that dotted path, or null.</summary>
            public virtual Tensor? get_buffer(string target)
            {
                if (_internal_buffers.TryGetValue(target, out var entry))
                {
                    return entry.Item1;
                }
                return DescendTowards(target) is var (child, rest) ? child.get_buffer(rest) : null;
            }

            private (Module child, string rest)? DescendTowards(string target)
            {
                var dot = target.IndexOf('.', StringComparison.Ordinal);
                if (dot < 0)
                {
                    return null;
                }
                foreach (var (name, child) in named_children())
                {
                    if (target.AsSpan(0, dot).SequenceEqual(name))
                    {
                        return (child, target[(dot + 1)..]);
                    }
                }
                return null;
            }
        }
    }
}
