using System;
using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Where a tensor's memory is: a kind of device and, for those that come in numbers, which one.</summary>
    public class Device
    {
        /// <param name="description">As 'cpu', 'cuda' or 'cuda:1'.</param>
        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            var colon = description.IndexOf(':', StringComparison.Ordinal);
            type = Parse(colon < 0 ? description : description[..colon]);
            if (colon >= 0)
            {
                index = int.TryParse(description.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw new FormatException($"Expected a device as 'cuda' or 'cuda:0', found '{description}'.");
            }
        }

        public Device(string deviceType, int index = -1)
        {
            type = Parse(deviceType);
            this.index = index;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        /// <param name="index">Which CUDA device.</param>
        public Device(int index)
        {
            type = DeviceType.CUDA;
            this.index = index;
        }

        public DeviceType type { get; private set; }

        /// <summary>-1 for "the current one".</summary>
        public int index { get; private set; } = -1;

        public override string ToString()
        {
            var name = type.ToString().ToLowerInvariant();
            return type == DeviceType.CPU || index == -1 ? name : $"{name}:{index}";
        }

        public static implicit operator Device(string description) => new(description);

        private static DeviceType Parse(string name) =>
            Enum.TryParse<DeviceType>(name, ignoreCase: true, out var type) && Enum.IsDefined(type)
                ? type
                : throw new ArgumentException($"Expected a device type such as 'cpu' or 'cuda', found '{name}'.");
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    public static readonly Device META = new(DeviceType.META);

    private static Device? _cuda;
    private static Device? _mps;
    private static Device? _defaultDevice;

    /// <summary>The current CUDA device; an exception where there is none.</summary>
    public static Device CUDA => _cuda ??= InitializeDevice(new Device(DeviceType.CUDA));

    /// <summary>Apple's GPU; an exception on any other machine.</summary>
    public static Device MPS => _mps ??= InitializeDevice(new Device(DeviceType.MPS));

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(int index) => new(DeviceType.CUDA, index);

    public static Device get_default_device() => _defaultDevice ??= new Device(DeviceType.CPU);

    public static void set_default_device(Device device) => _defaultDevice = device;

    public static void set_default_device(string device) => _defaultDevice = new Device(device);

    /// <summary>Can tensors live on such a device here?</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CUDA => Native.st_cuda_is_available() != 0,
        DeviceType.MPS => OperatingSystem.IsMacOS(),
        _ => true,
    };

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (!TryInitializeDeviceType(deviceType))
        {
            throw new InvalidOperationException(
                $"Torch device type {deviceType} did not initialise on the current machine: this libtorch ({__version__}) finds none.");
        }
    }

    /// <summary>The device, or the default one for null, once its kind is known to work here.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= get_default_device();
        if (device.type != DeviceType.CPU)
        {
            InitializeDeviceType(device.type);
        }

        return device;
    }
}
