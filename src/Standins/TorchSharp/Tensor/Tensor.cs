using System;
using System.Runtime.InteropServices.Marshalling;
using System.Threading;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>An n-dimensional array that lives in native memory; this object holds one reference to it.</summary>
    [NativeMarshalling(typeof(TensorMarshaller))]
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;
        private static long _peakCount;
        private nint _handle;

        internal Tensor(nint handle, bool register = true)
        {
            _handle = handle;
            var count = Interlocked.Increment(ref _totalCount);
            if (count > Interlocked.Read(ref _peakCount))
            {
                Interlocked.Exchange(ref _peakCount, count);
            }

            if (register)
            {
                OwningDisposeScope = DisposeScopeManager.ThreadSingleton.Register(this);
            }
        }

        ~Tensor() => Dispose(false);

        /// <summary>How many managed tensors there are.</summary>
        public static long TotalCount => Interlocked.Read(ref _totalCount);

        public static long PeakCount => Interlocked.Read(ref _peakCount);

        /// <summary>A name of your own, for debugging.</summary>
        public string? name { get; set; }

        /// <summary>Disposed of, or never defined.</summary>
        public bool IsInvalid => _handle == 0;

        /// <summary>The native at::Tensor*. Keep this object alive while it is in use.</summary>
        public nint Handle =>
            _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>Wraps a native at::Tensor* and takes over its reference.</summary>
        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Releases this reference; the memory goes with the last one, which the autograd graph may hold.</summary>
        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0)
            {
                return;
            }

            if (disposing)
            {
                Unregister();
            }

            Interlocked.Decrement(ref _totalCount);
            Native.st_free(handle);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of all scopes.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner)
            {
                owner.MoveToOther(other, this);
            }
            else
            {
                other?.Attach(this);
            }

            return this;
        }

        /// <summary>Gives up the native reference: who gets it has to release it.</summary>
        public nint DecoupleFromNativeHandle()
        {
            _ = Handle;
            GC.SuppressFinalize(this);
            Interlocked.Decrement(ref _totalCount);
            return MoveHandle();
        }

        /// <summary>A second, independent reference to the same native tensor.</summary>
        public Tensor alias() => Native.st_alias(this);

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>The same shape and elements?</summary>
        public bool Equals(Tensor target) => target is not null && Native.Flag(Native.st_equal(this, target));

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        /// <summary>Takes the native reference out of this object, which is invalid afterwards.</summary>
        internal nint MoveHandle() => Interlocked.Exchange(ref _handle, 0);

        private void Unregister()
        {
            var scope = OwningDisposeScope;
            DisposeScopeManager.ThreadSingleton.CountDisposed(scope is not null);
            scope?.MarkAsDisposed(this);
        }

        /// <summary>The end of an operation in place: its status checked, this tensor returned.</summary>
        private Tensor Done(int status)
        {
            Native.Check(status);
            return this;
        }

        private static int Type(ScalarType? dtype) => Options.Number(dtype);
    }
}
