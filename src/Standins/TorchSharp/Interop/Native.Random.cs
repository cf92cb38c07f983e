using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

// native/random.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint st_generator_default();

    [LibraryImport(Library)]
    internal static partial nint st_generator_new(ulong seed, int deviceType, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial void st_generator_free(nint generator);

    [LibraryImport(Library)]
    internal static partial int st_generator_seed(nint generator, ulong seed);

    [LibraryImport(Library)]
    internal static partial long st_generator_initial_seed(nint generator);

    [LibraryImport(Library)]
    internal static partial Tensor st_generator_state(nint generator);

    [LibraryImport(Library)]
    internal static partial int st_generator_set_state(nint generator, Tensor state);

    [LibraryImport(Library)]
    internal static partial int st_manual_seed(ulong seed);

    [LibraryImport(Library)]
    internal static partial int st_cuda_manual_seed(ulong seed, int deviceIndex);

    [LibraryImport(Library)]
    internal static partial Tensor st_bernoulli(Tensor x, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_bernoulli_p_(Tensor x, double p, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_bernoulli_(Tensor x, Tensor p, nint generator);

    [LibraryImport(Library)]
    internal static partial Tensor st_multinomial(Tensor x, long samples, int replacement, nint generator);

    [LibraryImport(Library)]
    internal static partial Tensor st_poisson(Tensor x, nint generator);

    [LibraryImport(Library)]
    internal static partial Tensor st_normal(Tensor mean, Tensor std, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_normal_(Tensor x, double first, double second, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_log_normal_(Tensor x, double first, double second, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_uniform_(Tensor x, double first, double second, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_cauchy_(Tensor x, double first, double second, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_exponential_(Tensor x, double lambda, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_geometric_(Tensor x, double p, nint generator);

    [LibraryImport(Library)]
    internal static partial int st_random_(Tensor x, long from, long to, nint generator);
}
