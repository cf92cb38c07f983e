using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/optim.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial int st_adam_step(nint* parameters, nint* means, nint* squares, nint* tops, long* steps, long count, double lr, double beta1, double beta2, double eps, double weightDecay, int decoupled, int maximize);

    [LibraryImport(Library)]
    internal static partial int st_sgd_step(nint* parameters, nint* buffers, long count, double lr, double momentum, double dampening, double weightDecay, int nesterov, int maximize);

    [LibraryImport(Library)]
    internal static partial int st_clip_grad_norm(nint* parameters, long count, double maxNorm, double normType, out double total);

    [LibraryImport(Library)]
    internal static partial int st_clip_grad_value(nint* parameters, long count, double value);

    [LibraryImport(Library)]
    internal static partial int st_zero_grad(nint* parameters, long count, int setToNone);

    [LibraryImport(Library)]
    internal static partial Tensor st_parameters_to_vector(nint* parameters, long count);

    [LibraryImport(Library)]
    internal static partial int st_vector_to_parameters(Tensor vector, nint* parameters, long count);
}
