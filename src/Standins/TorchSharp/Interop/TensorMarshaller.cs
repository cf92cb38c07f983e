using System;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Passes a tensor's handle to native code and keeps the tensor alive until the call returns, so that a finalizer never
/// frees what native code is reading. A returned null becomes libtorch's error.
/// </summary>
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedOut, typeof(Out))]
internal static class TensorMarshaller
{
    public ref struct In
    {
        private Tensor _tensor;

        public void FromManaged(Tensor tensor)
        {
            ArgumentNullException.ThrowIfNull(tensor);
            _tensor = tensor;
        }

        public readonly nint ToUnmanaged() => _tensor.Handle;

        public readonly void Free() => GC.KeepAlive(_tensor);
    }

    public static class Out
    {
        public static Tensor ConvertToManaged(nint handle) => handle != 0 ? new Tensor(handle) : throw Native.Failure();
    }
}

/// <summary>As <see cref="TensorMarshaller"/>, for an argument that may be absent.</summary>
[CustomMarshaller(typeof(Tensor), MarshalMode.ManagedToUnmanagedIn, typeof(In))]
internal static class OptionalTensorMarshaller
{
    public ref struct In
    {
        private Tensor? _tensor;

        public void FromManaged(Tensor? tensor) => _tensor = tensor;

        public readonly nint ToUnmanaged() => _tensor is null ? 0 : _tensor.Handle;

        public readonly void Free() => GC.KeepAlive(_tensor);
    }
}
