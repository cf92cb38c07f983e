using System;

namespace TorchSharp;

/// <summary>Inference mode, on or off on this thread until disposed of. Guards nest: dispose of them in reverse order.</summary>
internal sealed class InferenceMode : IDisposable
{
    private nint _guard;

    internal InferenceMode(bool enabled)
    {
        _guard = Native.st_enter_inference_mode(enabled.Int());
        if (_guard == 0)
        {
            throw Native.Failure();
        }
    }

    internal static bool IsEnabled => Native.st_inference_mode() != 0;

    public void Dispose()
    {
        var guard = _guard;
        _guard = 0;
        if (guard != 0)
        {
            Native.st_leave_inference_mode(guard);
        }
    }
}
