using System.Runtime.InteropServices;
using System.Runtime.InteropServices.Marshalling;
using static TorchSharp.torch;

namespace TorchSharp;

// native/autograd.cpp
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial int st_requires_grad(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_set_requires_grad(Tensor x, int value);

    [LibraryImport(Library)]
    internal static partial int st_is_leaf(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_retain_grad(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_grad(Tensor x, nint* result);

    [LibraryImport(Library)]
    internal static partial int st_set_grad(Tensor x, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? value);

    [LibraryImport(Library)]
    internal static partial Tensor st_detach(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_detach_(Tensor x);

    [LibraryImport(Library)]
    internal static partial int st_backward(nint* roots, long rootsN, nint* grads, long gradsN, int retainGraph, int createGraph, nint* inputs, long inputsN);

    [LibraryImport(Library)]
    internal static partial int st_autograd_grad(nint* outputs, long outputsN, nint* inputs, long inputsN, nint* grads, long gradsN, int retainGraph, int createGraph, int allowUnused, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_grad_mode();

    [LibraryImport(Library)]
    internal static partial void st_set_grad_mode(int enabled);

    [LibraryImport(Library)]
    internal static partial int st_inference_mode();

    [LibraryImport(Library)]
    internal static partial nint st_enter_inference_mode(int enabled);

    [LibraryImport(Library)]
    internal static partial void st_leave_inference_mode(nint guard);

    [LibraryImport(Library)]
    internal static partial int st_anomaly_mode();

    [LibraryImport(Library)]
    internal static partial int st_anomaly_checks_nan();

    [LibraryImport(Library)]
    internal static partial void st_set_anomaly_mode(int enabled, int checkNan);

    [LibraryImport(Library)]
    internal static partial int st_apply_function(nint* inputs, long inputsN, ManagedFunction functions, nint state, out nint* results, out long count);

    [LibraryImport(Library)]
    internal static partial int st_saved_tensors(nint context, out nint* list, out long count);

    [LibraryImport(Library)]
    internal static partial int st_forward_add(nint result, int kind, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? tensor);

    [LibraryImport(Library)]
    internal static partial void st_forward_materialize(nint result, int materializeGrads);

    [LibraryImport(Library)]
    internal static partial int st_backward_add(nint result, [MarshalUsing(typeof(OptionalTensorMarshaller))] Tensor? grad);
}
