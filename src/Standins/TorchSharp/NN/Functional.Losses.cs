namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = nn.Reduction.Mean, double label_smoothing = 0) => Native.st_cross_entropy(input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = nn.Reduction.Mean) => Native.st_nll_loss(input, target, weight, (long)reduction, -100);

            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = nn.Reduction.Mean) => Native.st_binary_cross_entropy(input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = nn.Reduction.Mean, Tensor? pos_weights = null) => Native.st_binary_cross_entropy_with_logits(input, target, weight, pos_weights, (long)reduction);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = nn.Reduction.Mean) => Native.st_mse_loss(input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = nn.Reduction.Mean) => Native.st_l1_loss(input, target, (long)reduction);

            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = nn.Reduction.Mean, double beta = 1) => Native.st_smooth_l1_loss(input, target, (long)reduction, beta);

            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = nn.Reduction.Mean) => Native.st_huber_loss(input, target, (long)reduction, delta);

            /// <summary>Divergence from the target, both given as logarithms by default; Mean is over elements, not over the batch.</summary>
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = nn.Reduction.Mean) => Native.st_kl_div(input, target, (long)reduction, log_target.Int());

            public static Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = nn.Reduction.Mean) => Native.st_cosine_embedding_loss(input1, input2, target, margin, (long)reduction);

            public static Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0, Reduction reduction = nn.Reduction.Mean) => Native.st_margin_ranking_loss(input1, input2, target, margin, (long)reduction);

            public static Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1, long p = 2, double eps = 1E-06, bool swap = false, Reduction reduction = nn.Reduction.Mean) => Native.st_triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap.Int(), (long)reduction);
        }
    }
}
