using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>Asks a device for the least that it can do. Some faults of a GPU end its context: from then on this fails too, until the process ends.</summary>
internal static class DeviceProbe
{
    /// <summary>Why it does not work; null when it does.</summary>
    /// <param name="device">The device.</param>
    public static Exception? Of(Device device)
    {
        try
        {
            using var one = ones(1, device: device);
            using var two = one + one;
            using var host = two.cpu();
            return host.item<float>() == 2 ? null : new InvalidOperationException($"{device} says that 1 + 1 is {host.item<float>()}.");
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
