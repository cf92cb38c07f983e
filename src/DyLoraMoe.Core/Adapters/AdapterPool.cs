using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>
/// Keeps the adapters in use near the model: on the device up to one limit, in host memory up to another, and on disk beyond that.
/// The least recently used go first; an adapter that somebody holds never goes.
/// </summary>
/// <param name="model">The backbone that every adapter belongs to.</param>
/// <param name="options">The two limits.</param>
public sealed class AdapterPool(CausalLanguageModel model, AdapterPoolOptions options) : IDisposable
{
    private readonly Dictionary<string, Resident> _residents = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _clock;

    /// <summary>Bytes of adapters that are on the device now.</summary>
    public long DeviceBytes
    {
        get
        {
            lock (_lock)
            {
                return _residents.Values.Sum(resident => resident.OnDevice?.Bytes ?? 0);
            }
        }
    }

    /// <summary>Bytes of adapters that wait in host memory now.</summary>
    public long HostBytes
    {
        get
        {
            lock (_lock)
            {
                return _residents.Values.Sum(resident => resident.OnHost?.Bytes ?? 0);
            }
        }
    }

    /// <summary>Hands out an adapter on the model's device, loading it if need be.</summary>
    /// <param name="folder">The adapter's folder in PEFT layout.</param>
    /// <returns>A lease; the adapter stays on the device until it is disposed.</returns>
    /// <exception cref="ModelFormatException">The adapter does not fit the model.</exception>
    public AdapterLease Acquire(string folder)
    {
        lock (_lock)
        {
            var key = Path.GetFullPath(folder);
            if (!_residents.TryGetValue(key, out var resident))
            {
                resident = new Resident { OnDevice = PeftFolder.Load(key, model) };
                _residents[key] = resident;
            }
            else if (resident.OnDevice is null)
            {
                resident.OnDevice = resident.OnHost!.CopyTo(model.Device);
                resident.OnHost.Dispose();
                resident.OnHost = null;
            }

            resident.Holders++;
            resident.LastUse = ++_clock;
            MakeRoom();
            return new AdapterLease(resident.OnDevice!, () => Release(resident));
        }
    }

    /// <summary>Frees every adapter; leases must have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var resident in _residents.Values)
            {
                resident.OnDevice?.Dispose();
                resident.OnHost?.Dispose();
            }

            _residents.Clear();
        }
    }

    private void Release(Resident resident)
    {
        lock (_lock)
        {
            resident.Holders--;
            MakeRoom();
        }
    }

    private void MakeRoom()
    {
        Evict(resident => resident.OnDevice, options.DeviceBytes, MoveToHost);
        Evict(resident => resident.OnHost, options.HostBytes, DropToDisk);
    }

    private void Evict(Func<Resident, LoraAdapter?> place, long limit, Action<Resident> move)
    {
        var used = _residents.Values.Sum(resident => place(resident)?.Bytes ?? 0);
        foreach (var resident in _residents.Values.Where(resident => place(resident) is not null && resident.Holders == 0).OrderBy(resident => resident.LastUse).ToList())
        {
            if (used <= limit)
            {
                return;
            }

            used -= place(resident)!.Bytes;
            move(resident);
        }
    }

    private static void MoveToHost(Resident resident)
    {
        resident.OnHost = resident.OnDevice!.CopyTo(CPU);
        resident.OnDevice.Dispose();
        resident.OnDevice = null;
    }

    private void DropToDisk(Resident resident)
    {
        resident.OnHost!.Dispose();
        resident.OnHost = null;
        _residents.Remove(_residents.First(pair => pair.Value == resident).Key);
    }

    private sealed class Resident
    {
        public LoraAdapter? OnDevice { get; set; }

        public LoraAdapter? OnHost { get; set; }

        public int Holders { get; set; }

        public long LastUse { get; set; }
    }
}

/// <summary>How much memory an <see cref="AdapterPool"/> may use.</summary>
public sealed record AdapterPoolOptions
{
    /// <summary>Bytes on the device. The default, 1 GiB, holds some hundred experts of rank 16 on a 1B backbone.</summary>
    public long DeviceBytes { get; init; } = 1L << 30;

    /// <summary>Bytes in host memory for those that had to leave the device. The default is 4 GiB.</summary>
    public long HostBytes { get; init; } = 4L << 30;
}

/// <summary>Use of one adapter; dispose to let it go.</summary>
/// <param name="adapter">The adapter.</param>
/// <param name="release">Called once, on the first dispose.</param>
public sealed class AdapterLease(LoraAdapter adapter, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>The adapter, on the model's device.</summary>
    public LoraAdapter Adapter { get; } = adapter;

    /// <summary>Gives the adapter back to the pool.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
