using System;
using System.Linq;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Fills tensors in place. None of it is recorded by autograd.</summary>
        public static class init
        {
            public enum NonlinearityType
            {
                Linear = 0,
                Conv1D = 1,
                Conv2D = 2,
                Conv3D = 3,
                ConvTranspose1D = 4,
                ConvTranspose2D = 5,
                ConvTranspose3D = 6,
                Sigmoid = 7,
                Tanh = 8,
                ReLU = 9,
                LeakyReLU = 10,
            }

            public enum FanInOut
            {
                FanIn = 0,
                FanOut = 1,
            }

            /// <summary>The factor by which a layer's weights must grow to keep the variance after the nonlinearity.</summary>
            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0.0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3.0,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                _ => 1,
            };

            public static Tensor ones_(Tensor tensor) => Fill(tensor, t => t.fill_(1));

            public static Tensor zeros_(Tensor tensor) => Fill(tensor, t => t.zero_());

            public static Tensor constant_(Tensor tensor, Scalar val) => Fill(tensor, t => t.fill_(val));

            /// <summary>The identity matrix, cut or padded with zeros to the tensor's shape.</summary>
            public static Tensor eye_(Tensor tensor)
            {
                Require(tensor, tensor.dim() == 2, "a matrix");
                return Fill(tensor, t =>
                {
                    t.zero_();
                    using var diagonal = t.diagonal();
                    diagonal.fill_(1);
                });
            }

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
                => Fill(tensor, t => t.uniform_(low, high, generator));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null)
                => Fill(tensor, t => t.normal_(mean, std, generator));

            /// <summary>A normal distribution cut off at <paramref name="a"/> and <paramref name="b"/>, by inverting its distribution function.</summary>
            public static Tensor trunc_normal_(Tensor tensor, double mean = 0.0, double std = 1.0, double a = -2.0, double b = 2.0, Generator? generator = null)
                => Fill(tensor, t =>
                {
                    var low = Erf((a - mean) / (std * Math.Sqrt(2)));
                    var high = Erf((b - mean) / (std * Math.Sqrt(2)));
                    t.uniform_(low, high, generator).erfinv_().mul_(std * Math.Sqrt(2)).add_(mean).clamp_(a, b);
                });

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                var bound = Math.Sqrt(3) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
                => normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1.0)
            {
                var bound = Math.Sqrt(3) * XavierDeviation(tensor, gain);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor glorot_uniform_(Tensor tensor, double gain = 1.0) => xavier_uniform_(tensor, gain);

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1.0) => normal_(tensor, 0, XavierDeviation(tensor, gain));

            public static Tensor glorot_normal_(Tensor tensor, double gain = 1.0) => xavier_normal_(tensor, gain);

            /// <summary>A random matrix with orthonormal rows or columns, whichever are fewer, times the gain.</summary>
            public static Tensor orthogonal_(Tensor tensor, double gain = 1.0)
            {
                Require(tensor, tensor.dim() >= 2, "at least two dimensions");
                return Fill(tensor, t =>
                {
                    var rows = t.shape[0];
                    var columns = rows == 0 ? 0 : t.numel() / rows;
                    using var scope = NewDisposeScope();
                    var random = randn(Math.Max(rows, columns), Math.Min(rows, columns), device: t.device);
                    var (q, r) = Decompose(random);
                    q = q * r.diagonal().sign();
                    t.copy_((rows < columns ? q.t() : q).reshape(t.shape)).mul_(gain);
                });
            }

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                Require(tensor, tensor.dim() >= 2, "at least two dimensions");
                var shape = tensor.shape;
                var receptiveField = shape.Skip(2).Aggregate(1L, static (product, size) => product * size);
                return (shape[1] * receptiveField, shape[0] * receptiveField);
            }

            private static double KaimingDeviation(Tensor tensor, double slope, FanInOut mode, NonlinearityType nonlinearity)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, slope) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            private static double XavierDeviation(Tensor tensor, double gain)
            {
                var (fanIn, fanOut) = CalculateFanInAndFanOut(tensor);
                return gain * Math.Sqrt(2.0 / (fanIn + fanOut));
            }

            private static unsafe (Tensor q, Tensor r) Decompose(Tensor matrix)
            {
                var results = stackalloc nint[2];
                return Native.Pair(Native.st_qr(matrix, "reduced", results), results);
            }

            private static double Erf(double x)
            {
                using var argument = torch.tensor(x, ScalarType.Float64);
                using var value = argument.erf();
                return value.item<double>();
            }

            private static Tensor Fill(Tensor tensor, Action<Tensor> fill)
            {
                if (tensor.numel() > 0)
                {
                    using var _ = no_grad();
                    fill(tensor);
                }
                return tensor;
            }

            private static void Require(Tensor tensor, bool holds, string expected)
            {
                if (!holds)
                {
                    throw new ArgumentException($"Expected a tensor with {expected}, found shape [{string.Join(", ", tensor.shape)}].", nameof(tensor));
                }
            }
        }
    }
}
