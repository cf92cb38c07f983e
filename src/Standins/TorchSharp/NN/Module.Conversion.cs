using System;
using System.Linq;
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            protected DeviceType _deviceType = DeviceType.CPU;
            protected int _deviceIndex = -1;

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                RequireFloating(dtype);
                RequireAvailable(device.type);
                _toEpilog(device, dtype, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                RequireAvailable(deviceType);
                _toEpilog(deviceType, deviceType == DeviceType.CPU ? -1 : deviceIndex, non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                RequireFloating(dtype);
                _toEpilog(dtype, non_blocking);
                return this;
            }

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking)
                => _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            /// <summary>Converts the children and then this module's own tensors, and points fields and properties at the new ones.</summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                foreach (var (_, child) in named_children())
                {
                    if (device is null)
                    {
                        child._to(dtype ?? throw new ArgumentNullException(nameof(dtype), "Either a type or a device must be given."), non_blocking);
                    }
                    else if (dtype is null)
                    {
                        child._to(device.type, device.index, non_blocking);
                    }
                    else
                    {
                        child._to(device, dtype.Value, non_blocking);
                    }
                }

                foreach (var (name, parameter) in named_parameters(false).ToList())
                {
                    if (ReplaceParameter(dtype, device, parameter, non_blocking) is { } converted && !TrySetProperty(name, converted))
                    {
                        parameter.Dispose();
                        ConditionallyRegisterParameter(name, converted);
                        SetField(name, converted);
                    }
                }
                foreach (var (name, (buffer, persistent)) in _internal_buffers.ToList<(string, (Tensor, bool))>())
                {
                    if (IsAlive(buffer) && ReplaceBuffer(dtype, device, buffer, non_blocking) is { } converted && !TrySetProperty(name, converted))
                    {
                        ConditionallyRegisterBuffer(name, converted, persistent);
                        SetField(name, converted);
                    }
                }

                RememberDevice(device);
            }

            internal void RememberDevice(Device? device)
            {
                if (device is not null)
                {
                    _deviceType = device.type;
                    _deviceIndex = device.index;
                }
            }

            /// <summary>A copy of the parameter, with its gradient, on that device and of that type; false when it is there already.</summary>
            protected static bool ReplaceParameter(ScalarType? dtype, Device? device, Parameter param, out Parameter? p)
                => (p = ReplaceParameter(dtype, device, param, non_blocking: false)) is not null;

            /// <summary>The buffer moved to that device and, where it is not an integer, to that type; false when it is there already.</summary>
            protected static bool ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, out Tensor? result)
                => (result = ReplaceBuffer(dtype, device, buffer, non_blocking: false)) is not null;

            internal static Parameter? ReplaceParameter(ScalarType? dtype, Device? device, Parameter parameter, bool non_blocking)
            {
                var (type, place) = Target(dtype, device, parameter);
                if (!NeedsCopy(parameter, type, place))
                {
                    return null;
                }

                using var _ = no_grad();
                var copy = new Parameter(parameter.to(type, place, non_blocking: non_blocking), parameter.requires_grad);
                copy.DetachFromDisposeScope();
                using var gradient = parameter.grad;
                if (gradient is not null)
                {
                    using var moved = gradient.to(type, place, non_blocking: non_blocking);
                    copy.grad = moved;
                }
                return copy;
            }

            private static Tensor? ReplaceBuffer(ScalarType? dtype, Device? device, Tensor buffer, bool non_blocking)
            {
                var (type, place) = Target(dtype, device, buffer);
                return NeedsCopy(buffer, type, place)
                    ? buffer.to(type, place, disposeAfter: true, non_blocking: non_blocking).DetachFromDisposeScope()
                    : null;
            }

            /// <summary>Integers and booleans keep their type: a conversion is about precision.</summary>
            private static (ScalarType type, Device place) Target(ScalarType? dtype, Device? device, Tensor tensor)
            {
                var current = tensor.dtype;
                var type = is_floating_point(current) || is_complex(current) ? dtype ?? current : current;
                return (type, device ?? tensor.device);
            }

            private static bool NeedsCopy(Tensor tensor, ScalarType type, Device place)
                => tensor.dtype != type || tensor.device_type != place.type
                    || (place.type != DeviceType.CPU && place.index >= 0 && tensor.device_index != place.index);

            private bool TrySetProperty(string name, Tensor value)
            {
                var property = GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance);
                if (property?.SetMethod is null || !property.PropertyType.IsInstanceOfType(value))
                {
                    return false;
                }
                property.SetValue(this, value);
                return true;
            }

            private void SetField(string name, Tensor value)
                => ModuleFields.Of(GetType()).FirstOrDefault(entry => entry.component == name).field?.SetValue(this, value);

            private static void RequireFloating(ScalarType dtype)
            {
                if (!is_floating_point(dtype) && !is_complex(dtype))
                {
                    throw new ArgumentException($"A module can be converted to a floating point or complex type, but the type is {dtype}.", nameof(dtype));
                }
            }

            private static void RequireAvailable(DeviceType device)
            {
                if (device == DeviceType.CUDA && !cuda.is_available())
                {
                    throw new InvalidOperationException("The module cannot move to CUDA: no CUDA device is available here.");
                }
            }

            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null)
                => (device ?? get_default_device(), dtype ?? get_default_dtype());
        }
    }
}
