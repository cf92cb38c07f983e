using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

// native/attention.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial Tensor st_scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? mask, double dropout, int causal);
}
