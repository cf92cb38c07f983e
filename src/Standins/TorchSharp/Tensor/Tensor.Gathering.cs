using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        public Tensor index_select(long dim, Tensor index) => Native.st_index_select(this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Native.st_index_add(this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Done(Native.st_index_add_(this, dim, index, source, alpha));

        public Tensor index_copy(long dim, Tensor index, Tensor source) => Native.st_index_copy(this, dim, index, source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Done(Native.st_index_copy_(this, dim, index, source));

        public Tensor index_fill(long dim, Tensor index, Scalar value) => Native.st_index_fill(this, dim, index, value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Done(Native.st_index_fill_(this, dim, index, value));

        public Tensor gather(long dim, Tensor index) => Native.st_gather(this, dim, index, 0);

        public Tensor scatter(long dim, Tensor index, Tensor src) => Native.st_scatter(this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => Done(Native.st_scatter_(this, dim, index, src));

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Native.st_scatter_add(this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Done(Native.st_scatter_add_(this, dim, index, src));

        public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) => Native.st_diagonal_scatter(this, src, offset, dim1, dim2);

        public Tensor select_scatter(Tensor src, long dim, long index) => Native.st_select_scatter(this, src, dim, index);

        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) => Native.st_slice_scatter(this, src, dim, start ?? IndexItem.NotGiven, end ?? IndexItem.NotGiven, step);

        public Tensor masked_fill(Tensor mask, Scalar value) => Native.st_masked_fill(this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Done(Native.st_masked_fill_(this, mask, value));

        public Tensor masked_select(Tensor mask) => Native.st_masked_select(this, mask);

        public Tensor masked_scatter(Tensor mask, Tensor value) => Native.st_masked_scatter(this, mask, value);

        public Tensor masked_scatter_(Tensor mask, Tensor value) => Done(Native.st_masked_scatter_(this, mask, value));

        public Tensor take(Tensor index) => Native.st_take(this, index);

        public Tensor take_along_dim(Tensor indices) => Native.st_take_along_dim(this, indices, 0, 0);

        public Tensor take_along_dim(Tensor indices, long dim) => Native.st_take_along_dim(this, indices, dim, 1);

        public Tensor take_along_dim(IEnumerable<long> indices) => take_along_dim(tensor(indices.ToArray(), device: device));

        public Tensor take_along_dim(IEnumerable<long> indices, long dim) => take_along_dim(tensor(indices.ToArray(), device: device), dim);

        public Tensor nonzero() => Native.st_nonzero(this);

        public Tensor argwhere() => Native.st_argwhere(this);

        /// <summary>The positions of the elements that are not zero: one tensor per dimension.</summary>
        public IList<Tensor> nonzero_as_list()
        {
            Native.Check(Native.st_where_indices(this, out var list, out var count));
            return Native.TakeList(list, count);
        }
    }
}
