using System;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>A table of vectors, looked up by index.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;

        private const long NoPadding = long.MinValue;

        private readonly long _paddingIndex;
        private readonly double? _maxNorm;
        private readonly double _normType;
        private readonly bool _scaleByFrequency;
        private readonly bool _sparse;

        internal Embedding(Parameter weight, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse)
            : base(nameof(Embedding))
        {
            var rows = weight.shape[0];
            if (padding_idx < -rows || padding_idx >= rows)
            {
                throw new ArgumentOutOfRangeException(nameof(padding_idx), $"Expected a padding index between {-rows} and {rows - 1}, the rows of the table, found {padding_idx}.");
            }
            _paddingIndex = padding_idx ?? NoPadding;
            _maxNorm = max_norm;
            _normType = norm_type;
            _scaleByFrequency = scale_grad_by_freq;
            _sparse = sparse;
            this.weight = weight;
        }

        [DisallowNull]
        public Parameter? weight
        {
            get => _weight;
            set => Replace(ref _weight, nameof(weight), value);
        }

        public override Tensor forward(Tensor input)
            => Native.st_embedding(input, weight!, _paddingIndex, _maxNorm ?? 0, _normType, _scaleByFrequency.Int(), _sparse.Int());

        internal void ResetParameters()
        {
            nn.init.normal_(weight!);
            if (_paddingIndex != NoPadding)
            {
                using var _ = no_grad();
                using var row = weight!.select(0, _paddingIndex);
                row.zero_();
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var table = new Parameter(empty(num_embeddings, embedding_dims, dtype: dtype, device: device));
                var module = new Embedding(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
                module.ResetParameters();
                return module;
            }

            /// <summary>An embedding over a copy of the given table, frozen unless asked otherwise.</summary>
            public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                using var _ = no_grad();
                var table = new Parameter(embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device, copy: true), requires_grad: !freeze);
                return new Embedding(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse);
            }
        }
    }
}
