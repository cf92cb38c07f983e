using System;
using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>A part of this tensor, by anything Python's indexing takes. Without tensors in it, the part is a view.</summary>
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => Put(indices, value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => Native.st_select(this, 0, i1);
            set => Put([i1], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Put([i1, i2], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Put([i1, i2, i3], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Put([i1, i2, i3, i4], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At([i1, i2, i3, i4, i5]);
            set => Put([i1, i2, i3, i4, i5], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At([i1, i2, i3, i4, i5, i6]);
            set => Put([i1, i2, i3, i4, i5, i6], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Put(Array.ConvertAll(indices, static position => TensorIndex.Single(position)), value);
        }

        public unsafe Tensor index(params TensorIndex[] indices)
        {
            fixed (IndexItem* items = Items(indices))
            {
                var result = Native.st_index(this, items, indices.Length);
                GC.KeepAlive(indices);
                return result;
            }
        }

        public Tensor index(params Tensor[] indices) => index(Array.ConvertAll(indices, TensorIndex.Tensor));

        /// <summary>Overwrites a part of this tensor.</summary>
        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        /// <summary>Overwrites a part of this tensor, or adds to it.</summary>
        public unsafe Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            fixed (IndexItem* items = Items(indices))
            {
                Native.Check(Native.st_index_put_(this, items, indices.Length, value, accumulate.Int()));
                GC.KeepAlive(indices);
                return this;
            }
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor), accumulate);

        public unsafe Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            fixed (IndexItem* items = Items(indices))
            {
                Native.Check(Native.st_index_put_scalar_(this, items, indices.Length, value));
                GC.KeepAlive(indices);
                return this;
            }
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        private static IndexItem[] Items(TensorIndex[] indices) => Array.ConvertAll(indices, static index => index.ToItem());

        private void Put(TensorIndex[] indices, Tensor value) => index_put_(value, indices, false);

        /// <summary>One position in the leading dimensions: a view, taken dimension by dimension.</summary>
        private Tensor At(ReadOnlySpan<long> position) => Native.st_at(this, position, position.Length);
    }
}
