using System;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Until disposed of, this thread records nothing for autograd.</summary>
    public static IDisposable no_grad() => new GradientMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradientMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradientMode(mode);

    public static bool is_grad_enabled() => GradientMode.IsEnabled;

    /// <summary>Until disposed of, new tensors of this thread can never take part in autograd, and cost less.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => InferenceMode.IsEnabled;
}
