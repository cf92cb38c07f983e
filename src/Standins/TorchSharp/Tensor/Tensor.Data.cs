using System;
using System.IO;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>
        /// The memory itself, for a contiguous tensor on the CPU. It ends with the tensor: keep the tensor alive while the
        /// span is in use.
        /// </summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var size = NumberOfElements * ElementSize;
                if (!is_contiguous())
                {
                    throw new NotSupportedException("Bytes() called on non-contiguous tensor: call contiguous() first.");
                }

                if (size > int.MaxValue)
                {
                    throw new NotSupportedException(
                        $"Span only supports up to int.MaxValue elements: the tensor has {size} bytes. Use WriteBytesToStream or data<T>().");
                }

                return new Span<byte>((void*)DataPointer(), (int)size);
            }

            set
            {
                var size = NumberOfElements * ElementSize;
                if (!is_contiguous())
                {
                    throw new InvalidOperationException("SetBytes() called on non-contiguous tensor: call contiguous() first.");
                }

                if (size != value.Length)
                {
                    throw new ArgumentException($"Mismatched data sizes in SetBytes(): expected {size} bytes, found {value.Length}.");
                }

                value.CopyTo(new Span<byte>((void*)DataPointer(), (int)size));
            }
        }

        /// <summary>Reads and writes elements; those of a tensor on a device are copied to the host first.</summary>
        public Utils.TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            ValidateType(typeof(T));
            return new Utils.TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        /// <summary>The only element.</summary>
        public T item<T>()
            where T : unmanaged
        {
            if (NumberOfElements != 1)
            {
                throw new ArgumentException(
                    $"Number of elements in the tensor must be 1, found {NumberOfElements} in shape [{string.Join(", ", shape)}].");
            }

            if (device_type == DeviceType.CPU)
            {
                return data<T>()[0];
            }

            using var host = cpu();
            return host.data<T>()[0];
        }

        /// <summary>The only element, as a number.</summary>
        public Scalar ToScalar() => new(Item());

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);

        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public float ReadCpuFloat16(long i)
        {
            Expect(ScalarType.Float16);
            return (float)Read<Half>(i);
        }

        public float ReadCpuBFloat16(long i)
        {
            Expect(ScalarType.BFloat16);
            return BitConverter.UInt32BitsToSingle((uint)Read<ushort>(i) << 16);
        }

        /// <summary>The element at a position in row-major order.</summary>
        public T ReadCpuValue<T>(long i)
            where T : unmanaged
        {
            ValidateType(typeof(T));
            return Read<T>(i);
        }

        /// <summary>Writes the elements' bytes in row-major order; tensors on a device are copied to the host first.</summary>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var host = alias().cpu();
            using var contiguous = host.contiguous();
            var start = (byte*)contiguous.DataPointer();
            var left = NumberOfElements * ElementSize;
            while (left > 0)
            {
                var count = (int)Math.Min(left, 1 << 30);
                stream.Write(new ReadOnlySpan<byte>(start, count));
                start += count;
                left -= count;
            }
        }

        /// <summary>Reads the elements' bytes, in row-major order, straight into a contiguous tensor on the CPU.</summary>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            if (!is_contiguous())
            {
                throw new InvalidOperationException("ReadBytesFromStream() called on non-contiguous tensor: call contiguous() first.");
            }

            var start = (byte*)DataPointer();
            var left = NumberOfElements * ElementSize;
            while (left > 0)
            {
                var count = (int)Math.Min(left, 1 << 30);
                stream.ReadExactly(new Span<byte>(start, count));
                start += count;
                left -= count;
            }
        }

        internal nint DataPointer()
        {
            Native.Check(Native.st_data(this, out var pointer));
            return pointer;
        }

        internal void ValidateType(Type dotnetType)
        {
            var type = dtype;
            if (type == ScalarType.BFloat16)
            {
                throw new ArgumentException($"No support for {type} in TorchSharp: convert to Float32 first.");
            }

            if (ToScalarType(dotnetType) != type)
            {
                throw new ArgumentException($"{dotnetType.Name} is not compatible with {type}.");
            }
        }

        internal ScalarValue Item()
        {
            Native.Check(Native.st_item(this, out var value));
            return value;
        }

        private void Expect(ScalarType type)
        {
            if (dtype != type)
            {
                throw new ArgumentException($"Expected a tensor of {type}, found {dtype}.");
            }
        }

        private unsafe T Read<T>(long i)
            where T : unmanaged
        {
            if (device_type != DeviceType.CPU)
            {
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            }

            if (i < 0 || i >= NumberOfElements)
            {
                throw new IndexOutOfRangeException($"Expected an index from 0 to {NumberOfElements - 1}, found {i}.");
            }

            var result = ((T*)DataPointer())[Utils.ElementOffsets.Of(i, shape, stride())];
            GC.KeepAlive(this);
            return result;
        }
    }
}
