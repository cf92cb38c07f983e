using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One part of x[...]: a position, a slice, a new axis, an ellipsis, a truth value or a tensor.</summary>
    public struct TensorIndex
    {
        private IndexItem _item;
        private torch.Tensor? _tensor;

        private TensorIndex(IndexKind kind, long start = 0, long stop = IndexItem.NotGiven, long step = IndexItem.NotGiven)
        {
            _item = new IndexItem { Kind = (long)kind, Start = start, Stop = stop, Step = step };
            _tensor = null;
        }

        // The numbers are those of native/indexing.cpp.
        private enum IndexKind
        {
            NewAxis = 0,
            Ellipsis = 1,
            Single = 2,
            Bool = 3,
            Slice = 4,
            Tensor = 5,
        }

        public static TensorIndex Ellipsis = new(IndexKind.Ellipsis);

        public static TensorIndex None = new(IndexKind.NewAxis);

        public static TensorIndex Null = new(IndexKind.NewAxis);

        public static TensorIndex Colon = Slice();

        /// <summary>The tensor behind a tensor index, which must stay alive while native code reads it.</summary>
        internal readonly torch.Tensor? TensorOrNull => _tensor;

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(
            IndexKind.Slice, start ?? IndexItem.NotGiven, stop ?? IndexItem.NotGiven, step ?? IndexItem.NotGiven);

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(Start(range.Start), Stop(range.End));

        public static TensorIndex Bool(bool value) => new(IndexKind.Bool, value ? 1 : 0);

        public static TensorIndex Single(long? index) => new(IndexKind.Single, index.GetValueOrDefault());

        public static TensorIndex Tensor(torch.Tensor tensor)
        {
            ArgumentNullException.ThrowIfNull(tensor);
            return new(IndexKind.Tensor) { _tensor = tensor };
        }

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator torch.Tensor(TensorIndex value) =>
            throw new InvalidOperationException("An index is not a tensor: this conversion only steers overload resolution.");

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(Start(index));

        internal readonly IndexItem ToItem()
        {
            var item = _item;
            item.Tensor = _tensor is null ? 0 : _tensor.Handle;
            return item;
        }

        private static long Start(Index index) => index.IsFromEnd ? -index.Value : index.Value;

        // ^0 is the end itself.
        private static long? Stop(Index index) => index.IsFromEnd && index.Value == 0 ? null : Start(index);
    }
}
