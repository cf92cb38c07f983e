using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long Dimensions => Native.Quantity(Native.st_dim(this));

        public long ndim => Dimensions;

        public long NumberOfElements => Native.Quantity(Native.st_numel(this));

        /// <summary>In bytes.</summary>
        public long ElementSize => Native.Quantity(Native.st_element_size(this));

        public unsafe long[] shape
        {
            get
            {
                var result = new long[Dimensions];
                fixed (long* sizes = result)
                {
                    Native.Check(Native.st_sizes(this, sizes));
                }

                return result;
            }
        }

        public ScalarType dtype
        {
            get
            {
                var value = Native.st_dtype(this);
                return value >= 0 ? (ScalarType)value : throw Native.Failure();
            }
        }

        public Device device
        {
            get
            {
                var (type, index) = DevicePlace();
                return new Device(type, index);
            }
        }

        public DeviceType device_type => DevicePlace().Type;

        public int device_index => DevicePlace().Index;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Native.Flag(Native.st_is_sparse(this));

        /// <summary>The transpose; of more than two dimensions, all reversed.</summary>
        public Tensor T => Native.st_numpy_T(this);

        /// <summary>The last two dimensions swapped.</summary>
        public Tensor mT => Native.st_mT(this);

        /// <summary>The last two dimensions swapped, conjugated.</summary>
        public Tensor mH => Native.st_adjoint(this);

        public Tensor H => Native.st_adjoint(this);

        public Tensor real => Native.st_real(this);

        public Tensor imag => Native.st_imag(this);

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public long size(int dim) => Native.Quantity(Native.st_size(this, dim));

        public long[] size() => shape;

        public unsafe long[] stride()
        {
            var result = new long[Dimensions];
            fixed (long* strides = result)
            {
                Native.Check(Native.st_strides(this, strides));
            }

            return result;
        }

        public long stride(int dim) => Native.Quantity(Native.st_stride(this, dim));

        public long storage_offset() => Native.Quantity(Native.st_storage_offset(this));

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_contiguous() => Native.Flag(Native.st_is_contiguous(this));

        public bool is_pinned() => Native.Flag(Native.st_is_pinned(this));

        public bool is_conj() => Native.Flag(Native.st_is_conj(this));

        public bool is_neg() => Native.Flag(Native.st_is_neg(this));

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        /// <summary>Is the only element other than zero?</summary>
        public bool is_nonzero()
        {
            if (NumberOfElements != 1)
            {
                throw new InvalidOperationException(
                    $"is_nonzero() called on non-singleton tensor: expected one element, found {NumberOfElements}.");
            }

            var value = Item();
            return value.RealPart != 0 || value.ImaginaryPart != 0 || value.IntegerValue != 0;
        }

        private (DeviceType Type, int Index) DevicePlace()
        {
            Native.Check(Native.st_device(this, out var type, out var index));
            return ((DeviceType)type, index);
        }
    }
}
