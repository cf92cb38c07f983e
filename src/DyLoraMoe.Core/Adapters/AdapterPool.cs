using DyLoraMoe.Core.Models;
using static TorchSharp.torch;

namespace DyLoraMoe.Core.Adapters;

/// <summary>
/// Keeps the adapters in use near the model: on the device up to one limit, in host memory up to another, and on disk beyond that.
/// The least recently used go first; an adapter that somebody holds never goes. Any number of threads may use it: while one reads from
/// disk, the others' hits go on, and those who want the same adapter wait for the one read.
/// </summary>
/// <param name="model">The backbone that every adapter belongs to.</param>
/// <param name="options">The two limits.</param>
public sealed class AdapterPool(CausalLanguageModel model, AdapterPoolOptions options) : IDisposable
{
    private readonly Dictionary<string, Resident> _residents = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _clock;
    private long _copiedBytes;
    private AdapterPoolCounts _counts = new(0, 0, 0, 0);

    /// <summary>Bytes of adapters that are on the device now.</summary>
    public long DeviceBytes
    {
        get
        {
            lock (_lock)
            {
                return _residents.Values.Sum(resident => resident.OnDevice is null ? 0 : resident.Bytes);
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
                return _residents.Values.Sum(resident => resident.OnHost is null ? 0 : resident.Bytes);
            }
        }
    }

    /// <summary>Bytes on the device that whoever holds adapters takes for copies of them. They count within the limit: adapters that nobody holds make room.</summary>
    public long CopiedBytes
    {
        get => Interlocked.Read(ref _copiedBytes);
        set
        {
            lock (_lock)
            {
                _copiedBytes = value;
                MakeRoom();
            }
        }
    }

    /// <summary>Where adapters were found so far.</summary>
    public AdapterPoolCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return _counts;
            }
        }
    }

    /// <summary>Whether an adapter is in memory, so that nobody who wants it needs its folder.</summary>
    /// <param name="folder">The adapter's folder in PEFT layout.</param>
    public bool Holds(string folder)
    {
        lock (_lock)
        {
            return _residents.TryGetValue(Path.GetFullPath(folder), out var resident) && (resident.OnDevice ?? resident.OnHost) is not null;
        }
    }

    /// <summary>Hands out an adapter on the model's device, loading it if need be.</summary>
    /// <param name="folder">The adapter's folder in PEFT layout.</param>
    /// <returns>A lease; the adapter stays on the device until it is disposed.</returns>
    /// <exception cref="ModelFormatException">The adapter does not fit the model.</exception>
    public AdapterLease Acquire(string folder)
    {
        var resident = Hold(folder);
        try
        {
            var isFirstLook = true;
            while (true)
            {
                Task? loading;
                lock (_lock)
                {
                    if (isFirstLook)
                    {
                        _counts = Counted(resident);
                        isFirstLook = false;
                    }

                    if (resident.OnDevice is { } adapter)
                    {
                        resident.LastUse = ++_clock;
                        MakeRoom();
                        return new AdapterLease(adapter, () => Release(resident));
                    }

                    loading = resident.Loading?.Task;
                    resident.Loading ??= NewLoad();
                }

                if (loading is null)
                {
                    Load(resident, toDevice: true);
                }
                else
                {
                    loading.Wait();
                }
            }
        }
        catch
        {
            Release(resident);
            throw;
        }
    }

    /// <summary>
    /// Loads adapters that will probably be wanted soon, the likeliest first, as far as they fit: on the device beside those that are
    /// held, then in host memory. Makes room by letting go of those that are neither held nor named here. Call it beside the work, on
    /// a thread of its own. An adapter that cannot be read is passed over; whoever acquires it gets the error.
    /// </summary>
    /// <param name="folders">Folders in PEFT layout, in order of a router's posterior.</param>
    /// <param name="mayRead">Asked before one is read from disk, once it is known to fit; those for which it says no are passed over. All may be when null.</param>
    /// <param name="cancellationToken">Stops before the next adapter.</param>
    /// <returns>How many were read from disk.</returns>
    public int Prefetch(IReadOnlyList<string> folders, Func<string, bool>? mayRead = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var wanted = folders.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal).ToList();
        var first = Reserve(wanted);
        var (device, host) = (options.DeviceBytes, options.HostBytes);
        lock (_lock)
        {
            device -= _copiedBytes + _residents.Values.Where(resident => resident.Holders > 0 && !wanted.Contains(resident.Key)).Sum(resident => resident.OnDevice is null ? 0 : resident.Bytes);
        }

        var read = 0;
        for (var rank = 0; rank < wanted.Count && !cancellationToken.IsCancellationRequested; rank++)
        {
            if (SizeOf(wanted[rank]) is not { } size)
            {
                continue;
            }

            var toDevice = size <= device;
            if (!toDevice && size > host)
            {
                break;
            }

            if (mayRead is not null && !Holds(wanted[rank]) && !mayRead(wanted[rank]))
            {
                continue;
            }

            (device, host) = toDevice ? (device - size, host) : (device, host - size);
            read += LoadAhead(wanted[rank], toDevice, first - rank) ? 1 : 0;
        }

        return read;
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

    /// <summary>Marks those that are here already as used, the likeliest last, and returns the mark of the likeliest.</summary>
    private long Reserve(List<string> wanted)
    {
        lock (_lock)
        {
            _clock += wanted.Count;
            for (var rank = 0; rank < wanted.Count; rank++)
            {
                if (_residents.TryGetValue(wanted[rank], out var resident))
                {
                    resident.LastUse = Math.Max(resident.LastUse, _clock - rank);
                }
            }

            return _clock;
        }
    }

    /// <summary>Bytes an adapter will take; null when it cannot be told.</summary>
    private long? SizeOf(string key)
    {
        lock (_lock)
        {
            if (_residents.TryGetValue(key, out var resident) && (resident.OnDevice ?? resident.OnHost) is not null)
            {
                return resident.Bytes;
            }
        }

        try
        {
            return PeftFolder.BytesLoaded(key);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether it had to be read from disk.</summary>
    private bool LoadAhead(string key, bool toDevice, long lastUse)
    {
        var resident = Hold(key);
        try
        {
            bool isOnDisk;
            lock (_lock)
            {
                resident.LastUse = Math.Max(resident.LastUse, lastUse);
                if (resident.Loading is not null || resident.OnDevice is not null || (resident.OnHost is not null && !toDevice))
                {
                    return false;
                }

                isOnDisk = resident.OnHost is null;
                resident.Loading = NewLoad();
                _counts = isOnDisk ? _counts with { ReadAhead = _counts.ReadAhead + 1 } : _counts;
            }

            Load(resident, toDevice);
            return isOnDisk;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        finally
        {
            Release(resident);
        }
    }

    private Resident Hold(string folder)
    {
        var key = Path.GetFullPath(folder);
        lock (_lock)
        {
            if (!_residents.TryGetValue(key, out var resident))
            {
                _residents[key] = resident = new Resident(key);
            }

            resident.Holders++;
            return resident;
        }
    }

    private void Release(Resident resident)
    {
        lock (_lock)
        {
            resident.Holders--;
            MakeRoom();
            Forget(resident);
        }
    }

    /// <summary>Brings an adapter that this thread holds and has marked as loading; the lock is free meanwhile.</summary>
    private void Load(Resident resident, bool toDevice)
    {
        LoraAdapter? loaded = null;
        try
        {
            loaded = resident.OnHost is { } host ? Placed(host, model.Device) : PeftFolder.Load(resident.Key, model, toDevice ? null : CPU);
        }
        finally
        {
            lock (_lock)
            {
                resident.Bytes = loaded?.Bytes ?? resident.Bytes;
                if (loaded is not null && toDevice)
                {
                    (resident.OnDevice, var left) = (loaded, resident.OnHost);
                    resident.OnHost = null;
                    DisposeUnless(left, loaded);
                }
                else if (loaded is not null)
                {
                    resident.OnHost = loaded;
                }

                resident.Loading!.SetResult();
                resident.Loading = null;
            }
        }
    }

    private AdapterPoolCounts Counted(Resident resident) =>
        resident.OnDevice is not null ? _counts with { DeviceHits = _counts.DeviceHits + 1 }
        : resident.OnHost is not null ? _counts with { HostHits = _counts.HostHits + 1 }
        : _counts with { DiskReads = _counts.DiskReads + 1 };

    private void MakeRoom()
    {
        Evict(resident => resident.OnDevice, options.DeviceBytes - _copiedBytes, MoveToHost);
        Evict(resident => resident.OnHost, options.HostBytes, DropToDisk);
    }

    private void Evict(Func<Resident, LoraAdapter?> place, long limit, Action<Resident> move)
    {
        var used = _residents.Values.Sum(resident => place(resident) is null ? 0 : resident.Bytes);
        if (used <= limit)
        {
            return;
        }

        foreach (var resident in _residents.Values.Where(resident => place(resident) is not null && resident.Holders == 0).OrderBy(resident => resident.LastUse).ToList())
        {
            if (used <= limit)
            {
                return;
            }

            used -= resident.Bytes;
            move(resident);
        }
    }

    private static void MoveToHost(Resident resident)
    {
        var left = resident.OnDevice!;
        resident.OnHost = Placed(left, CPU);
        resident.OnDevice = null;
        DisposeUnless(left, resident.OnHost);
    }

    private void DropToDisk(Resident resident)
    {
        resident.OnHost!.Dispose();
        resident.OnHost = null;
        Forget(resident);
    }

    private void Forget(Resident resident)
    {
        if (resident is { Holders: 0, OnDevice: null, OnHost: null })
        {
            _residents.Remove(resident.Key);
        }
    }

    /// <summary>The adapter on a device: itself where it is there already.</summary>
    private static LoraAdapter Placed(LoraAdapter adapter, Device device) =>
        adapter.Device.type == device.type ? adapter : adapter.CopyTo(device);

    private static void DisposeUnless(LoraAdapter? adapter, LoraAdapter kept)
    {
        if (!ReferenceEquals(adapter, kept))
        {
            adapter?.Dispose();
        }
    }

    private static TaskCompletionSource NewLoad() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Resident(string key)
    {
        public string Key { get; } = key;

        public LoraAdapter? OnDevice { get; set; }

        public LoraAdapter? OnHost { get; set; }

        public long Bytes { get; set; }

        public int Holders { get; set; }

        public long LastUse { get; set; }

        /// <summary>Set while one thread loads it, done when that thread is; null otherwise.</summary>
        public TaskCompletionSource? Loading { get; set; }
    }
}
