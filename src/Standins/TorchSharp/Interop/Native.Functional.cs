using System;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

// native/functional.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_softmax(Tensor x, long dim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_log_softmax(Tensor x, long dim, int dtype);

    [LibraryImport(Library)]
    internal static partial Tensor st_silu(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_silu_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_mish(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_mish_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_relu6(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_relu6_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_selu(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_selu_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_hardsigmoid(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_hardsigmoid_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_hardswish(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_hardswish_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_log_sigmoid(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_gelu(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_gelu_(Tensor x);

    [LibraryImport(Library)]
    internal static partial Tensor st_elu(Tensor x, ScalarValue alpha, ScalarValue scale, ScalarValue inputScale);

    [LibraryImport(Library)]
    internal static partial int st_elu_(Tensor x, ScalarValue alpha, ScalarValue scale, ScalarValue inputScale);

    [LibraryImport(Library)]
    internal static partial Tensor st_celu(Tensor x, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial int st_celu_(Tensor x, ScalarValue alpha);

    [LibraryImport(Library)]
    internal static partial Tensor st_leaky_relu(Tensor x, ScalarValue slope);

    [LibraryImport(Library)]
    internal static partial int st_leaky_relu_(Tensor x, ScalarValue slope);

    [LibraryImport(Library)]
    internal static partial Tensor st_hardtanh(Tensor x, ScalarValue min, ScalarValue max);

    [LibraryImport(Library)]
    internal static partial int st_hardtanh_(Tensor x, ScalarValue min, ScalarValue max);

    [LibraryImport(Library)]
    internal static partial Tensor st_threshold(Tensor x, ScalarValue threshold, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial int st_threshold_(Tensor x, ScalarValue threshold, ScalarValue value);

    [LibraryImport(Library)]
    internal static partial Tensor st_softplus(Tensor x, double beta, double threshold);

    [LibraryImport(Library)]
    internal static partial Tensor st_softshrink(Tensor x, double lambda);

    [LibraryImport(Library)]
    internal static partial Tensor st_hardshrink(Tensor x, double lambda);

    [LibraryImport(Library)]
    internal static partial Tensor st_glu(Tensor x, long dim);

    [LibraryImport(Library)]
    internal static partial Tensor st_prelu(Tensor x, Tensor weight);

    [LibraryImport(Library)]
    internal static partial Tensor st_linear(Tensor x, Tensor weight, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? bias);

    [LibraryImport(Library)]
    internal static partial Tensor st_bilinear(Tensor x, Tensor other, Tensor weight, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? bias);

    [LibraryImport(Library)]
    internal static partial Tensor st_dropout(Tensor x, double p, int training);

    [LibraryImport(Library)]
    internal static partial int st_dropout_(Tensor x, double p, int training);

    [LibraryImport(Library)]
    internal static partial Tensor st_alpha_dropout(Tensor x, double p, int training);

    [LibraryImport(Library)]
    internal static partial Tensor st_feature_dropout(Tensor x, double p, int training);

    [LibraryImport(Library)]
    internal static partial Tensor st_embedding(Tensor x, Tensor weight, long paddingIdx, double maxNorm, double normType, int scaleGradByFreq, int sparse);

    [LibraryImport(Library)]
    internal static partial Tensor st_one_hot(Tensor x, long numClasses);

    [LibraryImport(Library)]
    internal static partial Tensor st_layer_norm(Tensor x, ReadOnlySpan<long> shape, long shapeN, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weight, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? bias, double eps);

    [LibraryImport(Library)]
    internal static partial Tensor st_group_norm(Tensor x, long groups, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weight, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? bias, double eps);

    [LibraryImport(Library)]
    internal static partial Tensor st_normalize(Tensor x, double p, long dim, double eps);

    [LibraryImport(Library)]
    internal static partial Tensor st_cosine_similarity(Tensor x, Tensor other, long dim, double eps);

    [LibraryImport(Library)]
    internal static partial Tensor st_pairwise_distance(Tensor x, Tensor other, double p, double eps, int keepdim);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial Tensor st_pad(Tensor x, ReadOnlySpan<long> pad, long padN, string mode, double value);

    [LibraryImport(Library)]
    internal static partial Tensor st_channel_shuffle(Tensor x, long groups);

    [LibraryImport(Library)]
    internal static partial Tensor st_cross_entropy(Tensor x, Tensor target, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weight, long reduction, long ignoreIndex, double labelSmoothing);

    [LibraryImport(Library)]
    internal static partial Tensor st_nll_loss(Tensor x, Tensor target, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weight, long reduction, long ignoreIndex);

    [LibraryImport(Library)]
    internal static partial Tensor st_binary_cross_entropy(Tensor x, Tensor target, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weight, long reduction);

    [LibraryImport(Library)]
    internal static partial Tensor st_binary_cross_entropy_with_logits(Tensor x, Tensor target, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? weight, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? posWeight, long reduction);

    [LibraryImport(Library)]
    internal static partial Tensor st_mse_loss(Tensor x, Tensor target, long reduction);

    [LibraryImport(Library)]
    internal static partial Tensor st_l1_loss(Tensor x, Tensor target, long reduction);

    [LibraryImport(Library)]
    internal static partial Tensor st_smooth_l1_loss(Tensor x, Tensor target, long reduction, double beta);

    [LibraryImport(Library)]
    internal static partial Tensor st_huber_loss(Tensor x, Tensor target, long reduction, double delta);

    [LibraryImport(Library)]
    internal static partial Tensor st_kl_div(Tensor x, Tensor target, long reduction, int logTarget);

    [LibraryImport(Library)]
    internal static partial Tensor st_cosine_embedding_loss(Tensor x, Tensor other, Tensor target, double margin, long reduction);

    [LibraryImport(Library)]
    internal static partial Tensor st_margin_ranking_loss(Tensor x, Tensor other, Tensor target, double margin, long reduction);

    [LibraryImport(Library)]
    internal static partial Tensor st_triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin, double p, double eps, int swap, long reduction);
}
