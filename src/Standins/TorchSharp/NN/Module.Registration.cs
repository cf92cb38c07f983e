using System;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>
            /// Registers every field that holds a module, a parameter or a tensor, under its component name.
            /// A module calls this at the end of its constructor; registering a module as a child calls it too.
            /// </summary>
            protected virtual void RegisterComponents()
            {
                if (_areComponentsRegistered)
                {
                    return;
                }

                foreach (var (component, field) in ModuleFields.Of(GetType()))
                {
                    if (_internal_submodules.ContainsKey(component) || _internal_params.ContainsKey(component) || _internal_buffers.ContainsKey(component))
                    {
                        continue;
                    }
                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(component, module);
                            break;
                        case Parameter parameter:
                            register_parameter(component, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(component, tensor);
                            break;
                    }
                }
                _areComponentsRegistered = true;
            }

            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Adds a child; null or a disposed module removes the child of that name.</summary>
            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null || submodule._disposed)
                {
                    _internal_submodules.Remove(name);
                    return;
                }
                if (string.IsNullOrEmpty(name))
                {
                    throw new ArgumentException("A submodule needs a name, but the name is empty.", nameof(name));
                }
                if (name.Contains('.', StringComparison.Ordinal))
                {
                    throw new ArgumentException($"A submodule's name must not contain '.', which separates levels of the state dictionary, but it is '{name}'.", nameof(name));
                }
                if (_internal_submodules.ContainsKey(name))
                {
                    throw new InvalidOperationException($"{GetName()} already has a submodule named '{name}'; register null under that name first to replace it.");
                }
                submodule.RegisterComponents();
                _internal_submodules.Add(name, submodule);
            }

            public virtual void register_parameter(string name, Parameter param)
            {
                if (!IsAlive(param))
                {
                    throw new ArgumentNullException(nameof(param), $"Parameter '{name}' of {GetName()} is null or disposed and cannot be registered.");
                }
                if (_internal_params.ContainsKey(name))
                {
                    throw new InvalidOperationException($"{GetName()} already has a parameter named '{name}'.");
                }
                _internal_params.Add(name, param);
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (!IsAlive(tensor))
                {
                    throw new ArgumentNullException(nameof(tensor), $"Buffer '{name}' of {GetName()} is null or disposed and cannot be registered.");
                }
                if (_internal_buffers.ContainsKey(name))
                {
                    throw new InvalidOperationException($"{GetName()} already has a buffer named '{name}'.");
                }
                _internal_buffers.Add(name, (tensor, persistent));
            }

            /// <summary>Sets, replaces or (null) removes the parameter of that name.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is null)
                {
                    _internal_params.Remove(name);
                }
                else
                {
                    _internal_params[name] = value;
                }
            }

            protected void ConditionallyRegisterParameter(string name, Tensor? value)
                => ConditionallyRegisterParameter(name, value as Parameter);

            /// <summary>Sets, replaces or (null) removes the buffer of that name.</summary>
            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is null)
                {
                    _internal_buffers.Remove(name);
                }
                else
                {
                    _internal_buffers[name] = (value, persistent);
                }
            }

            /// <summary>The body of a property that owns a parameter: frees the old one and keeps the new one out of any dispose scope.</summary>
            internal void Replace(ref Parameter? field, string name, Parameter? value)
            {
                if (ReferenceEquals(field, value))
                {
                    return;
                }
                if (IsAlive(field))
                {
                    field!.Dispose();
                }
                value?.DetachFromDisposeScope();
                field = value;
                ConditionallyRegisterParameter(name, value);
            }

            protected void ClearModules() => _internal_submodules.clear();
        }
    }
}
