using DyLoraMoe.Core.Compute;
using static TorchSharp.torch;

namespace DyLoraMoe.Testing;

/// <summary>Where the tests' models compute: <c>DYLORA_TEST_DEVICE</c>, the CPU when it is not set.</summary>
public static class TestDevice
{
    /// <summary>The device.</summary>
    public static Device Current { get; } = ComputePlace.DeviceOf(Environment.GetEnvironmentVariable("DYLORA_TEST_DEVICE") is { Length: > 0 } name ? name : "cpu");
}
