using System;

namespace TorchSharp;

/// <summary>Recording for autograd, on or off on this thread until disposed of.</summary>
internal sealed class GradientMode : IDisposable
{
    private readonly bool _before = IsEnabled;

    internal GradientMode(bool enabled) => Native.st_set_grad_mode(enabled.Int());

    internal static bool IsEnabled => Native.st_grad_mode() != 0;

    public void Dispose() => Native.st_set_grad_mode(_before.Int());
}
