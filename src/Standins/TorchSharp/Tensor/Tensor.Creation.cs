using System;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_zeros((ReadOnlySpan<long>)size, dtype, device, requires_grad);

        public Tensor new_zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_zeros(size, size.Length, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_zeros([size], dtype, device, requires_grad);

        public Tensor new_zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_zeros([rows, columns], dtype, device, requires_grad);

        public Tensor new_zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_zeros([dim0, dim1, dim2], dtype, device, requires_grad);

        public Tensor new_zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_zeros([dim0, dim1, dim2, dim3], dtype, device, requires_grad);

        public Tensor new_ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_ones([size], 1, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_ones([rows, columns], 2, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_ones([dim0, dim1, dim2], 3, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_ones([dim0, dim1, dim2, dim3], 4, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_empty((ReadOnlySpan<long>)size, dtype, device, requires_grad);

        public Tensor new_empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_empty(size, size.Length, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_empty([size], dtype, device, requires_grad);

        public Tensor new_empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_empty([rows, columns], dtype, device, requires_grad);

        public Tensor new_empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_empty([dim0, dim1, dim2], dtype, device, requires_grad);

        public Tensor new_empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_empty([dim0, dim1, dim2, dim3], dtype, device, requires_grad);

        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_full((ReadOnlySpan<long>)size, value, dtype, device, requires_grad);

        public Tensor new_full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_full(size, size.Length, value, new Options(dtype ?? this.dtype, device ?? this.device, requires_grad));

        public Tensor new_full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_full([size], value, dtype, device, requires_grad);

        public Tensor new_full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_full([rows, columns], value, dtype, device, requires_grad);

        public Tensor new_full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_full([dim0, dim1, dim2], value, dtype, device, requires_grad);

        public Tensor new_full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => new_full([dim0, dim1, dim2, dim3], value, dtype, device, requires_grad);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_zeros_like(this, new Options(dtype, device, requires_grad));

        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_ones_like(this, new Options(dtype, device, requires_grad));

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_empty_like(this, new Options(dtype, device, requires_grad));

        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Native.st_full_like(this, value, new Options(dtype, device, requires_grad));
    }
}
