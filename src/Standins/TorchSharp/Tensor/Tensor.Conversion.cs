using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>A copy of this tensor in host memory, or this tensor itself if it is there.</summary>
        public Tensor cpu() => To(new Options(null, CPU));

        /// <summary>This tensor on a GPU: the current one, if none is named.</summary>
        public Tensor cuda(Device? device = null, bool non_blocking = false)
        {
            InitializeDeviceType(DeviceType.CUDA);
            return To(new Options(null, device ?? new Device(DeviceType.CUDA)), non_blocking);
        }

        public Tensor mps(bool non_blocking = false)
        {
            InitializeDeviceType(DeviceType.MPS);
            return To(new Options(null, new Device(DeviceType.MPS)), non_blocking);
        }

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(new Options(type, null), non_blocking, copy, disposeAfter);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(new Options(type, null), non_blocking, copy, disposeAfter);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(new Options(type, InitializeDevice(device)), non_blocking, copy, disposeAfter);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            To(new Options(null, InitializeDevice(device)), non_blocking, copy, disposeAfter);

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        /// <summary>This tensor with another's type and device.</summary>
        public Tensor to(Tensor other, bool non_blocking = false) => To(new Options(other.dtype, other.device), non_blocking);

        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);

        public Tensor type(ScalarType dtype) => to_type(dtype);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);

        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);

        public Tensor clone() => Native.st_clone(this);

        public Tensor contiguous() => Native.st_contiguous(this);

        public Tensor pin_memory() => Native.st_pin_memory(this);

        public Tensor to_dense() => Native.st_to_dense(this);

        /// <summary>Overwrites this tensor's elements, converting type and device on the way.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Done(Native.st_copy_(this, source, nonBlocking.Int()));

        /// <summary>Makes this tensor share the other's storage and shape.</summary>
        public Tensor set_(Tensor source) => Done(Native.st_set_(this, source));

        private Tensor To(Options options, bool nonBlocking = false, bool copy = false, bool disposeAfter = false)
        {
            var result = Native.st_to(this, options, nonBlocking.Int(), copy.Int());
            if (disposeAfter)
            {
                Dispose();
            }

            return result;
        }
    }
}
