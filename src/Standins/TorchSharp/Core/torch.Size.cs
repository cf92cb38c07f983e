using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The lengths of a tensor's dimensions.</summary>
    public struct Size : IEnumerable<long>
    {
        public static Size Empty = new(Array.Empty<long>());

        private readonly long[] _shape;

        public Size(long[] shape) => _shape = (long[])shape.Clone();

        public Size(IEnumerable<long> shape) => _shape = shape.ToArray();

        public Size(int[] shape) => _shape = Array.ConvertAll(shape, length => (long)length);

        public Size(long size) => _shape = [size];

        public Size((long, long) size) => _shape = [size.Item1, size.Item2];

        public Size((long, long, long) size) => _shape = [size.Item1, size.Item2, size.Item3];

        public Size((long, long, long, long) size) => _shape = [size.Item1, size.Item2, size.Item3, size.Item4];

        public Size((long, long, long, long, long) size) =>
            _shape = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

        public Size((long, long, long, long, long, long) size) =>
            _shape = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        public Size(int size) => _shape = [size];

        public Size((int, int) size) => _shape = [size.Item1, size.Item2];

        public Size((int, int, int) size) => _shape = [size.Item1, size.Item2, size.Item3];

        public Size((int, int, int, int) size) => _shape = [size.Item1, size.Item2, size.Item3, size.Item4];

        public Size((int, int, int, int, int) size) =>
            _shape = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

        public Size((int, int, int, int, int, int) size) =>
            _shape = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        public readonly bool IsEmpty => _shape.Length == 0;

        public readonly bool IsScalar => _shape.Length == 0;

        public readonly int Length => _shape.Length;

        public readonly long[] Shape => _shape;

        public readonly long this[int idx] => _shape[idx];

        public readonly long this[long idx] => _shape[(int)idx];

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size((long, long) size) => new(size);

        public static implicit operator Size((long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long, long, long) size) => new(size);

        public static implicit operator Size(long[] size) => new(size);

        public static Size operator +(Size left, Size right) => new(left._shape.Concat(right._shape));

        public static Size operator +(Size left, IEnumerable<long> right) => new(left._shape.Concat(right));

        public static bool operator ==(Size left, Size right) => left._shape.AsSpan().SequenceEqual(right._shape);

        public static bool operator !=(Size left, Size right) => !(left == right);

        public override readonly bool Equals(object? obj) => obj is Size other && this == other;

        public override readonly int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var length in _shape)
            {
                hash.Add(length);
            }

            return hash.ToHashCode();
        }

        /// <summary>The lengths from one to before another, both counted from the end when negative.</summary>
        public readonly Size Slice(int first, int next)
        {
            var (from, to) = (first < 0 ? first + _shape.Length : first, next < 0 ? next + _shape.Length : next);
            return to <= from ? Empty : new(_shape[from..to]);
        }

        /// <summary>The number of elements.</summary>
        public readonly long numel() => _shape.Aggregate(1L, (product, length) => product * length);

        public readonly IEnumerable<long> Take(int i) => _shape.Take(i);

        public readonly IEnumerator<long> GetEnumerator() => _shape.AsEnumerable().GetEnumerator();

        readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
