using System.Collections.Concurrent;
using DyLoraMoe.Artifacts;
using DyLoraMoe.Core.Adapters;

namespace DyLoraMoe.Router.Sets;

/// <summary>
/// Hands out the experts of a set. Those in use and the latest used are in memory, within a budget; the others are read again when they are wanted, and
/// checked against their digests again. One that cannot be read fails the requests that need it, and no others. Any thread may use it.
/// </summary>
/// <param name="experts">The experts.</param>
/// <param name="pool">Keeps them in memory; from now on this one's to dispose.</param>
/// <param name="check">Says what is wrong with an expert before it is read; null to compare its digest.</param>
internal sealed class ExpertPool(IReadOnlyList<LoadedExpert> experts, AdapterPool pool, Func<LoadedExpert, string?>? check = null) : IDisposable
{
    // One after the other: who waits for the same expert finds it then, and no more than one thread waits for a disk.
    private readonly ConcurrentExclusiveSchedulerPair _turns = new();
    private readonly Func<LoadedExpert, string?> _check = check ?? Damage;
    private readonly ConcurrentDictionary<LoadedExpert, bool> _lost = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<LoadedExpert, bool> _passedOver = new(ReferenceEqualityComparer.Instance);
    private IReadOnlyList<LoadedExpert>? _wished;
    private int _wanted;
    private volatile bool _isEnding;

    /// <summary>Bytes of the experts that are in memory, and of the copies of those in use.</summary>
    public long Bytes => pool.DeviceBytes + pool.HostBytes + pool.CopiedBytes;

    /// <summary>Bytes of copies of experts on the model's device; experts that are not in use make room for them.</summary>
    public long CopiedBytes { get => pool.CopiedBytes; set => pool.CopiedBytes = value; }

    /// <summary>Bytes of those that are on the model's device.</summary>
    public long DeviceBytes => pool.DeviceBytes;

    /// <summary>Whether some expert could not be read when it was wanted.</summary>
    public bool HasLost => !_lost.IsEmpty;

    /// <summary>Whether an expert is in memory.</summary>
    public bool Holds(LoadedExpert expert) => pool.Holds(expert.Folder);

    /// <summary>An expert, on the model's device until the lease ends.</summary>
    /// <param name="index">Its place in the set.</param>
    /// <exception cref="ExpertLostException">It cannot be read any more.</exception>
    public AdapterLease Acquire(int index)
    {
        var expert = experts[index];
        try
        {
            if (!pool.Holds(expert.Folder) && _check(expert) is { } damage)
            {
                throw new InvalidDataException(damage);
            }

            var lease = pool.Acquire(expert.Folder);
            _lost.TryRemove(expert, out _);
            _passedOver.TryRemove(expert, out _);
            return lease;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            _lost[expert] = true;
            throw new ExpertLostException(expert.Member.Name, error);
        }
    }

    /// <summary>Some experts, all or none.</summary>
    /// <param name="indices">Their places in the set.</param>
    /// <exception cref="ExpertLostException">One cannot be read any more.</exception>
    public IReadOnlyList<AdapterLease> Acquire(IReadOnlyList<int> indices)
    {
        List<AdapterLease> leases = [];
        try
        {
            foreach (var index in indices)
            {
                leases.Add(Acquire(index));
            }

            return leases;
        }
        catch
        {
            leases.ForEach(lease => lease.Dispose());
            throw;
        }
    }

    /// <summary>Some experts that are in memory; null when one of them would have to be read.</summary>
    /// <param name="indices">Their places in the set.</param>
    public IReadOnlyList<AdapterLease>? TryAcquire(IReadOnlyList<int> indices) => indices.All(index => Holds(experts[index])) ? Acquire(indices) : null;

    /// <summary>Some experts, all or none, read on another thread; none when nobody wanted them any more as their turn came.</summary>
    /// <param name="indices">Their places in the set.</param>
    /// <param name="isWanted">Whether somebody still wants them, asked on that thread; always when null.</param>
    public Task<IReadOnlyList<AdapterLease>> AcquireAsync(IReadOnlyList<int> indices, Func<bool>? isWanted = null)
    {
        Interlocked.Increment(ref _wanted);
        return Task.Factory.StartNew(
            () =>
            {
                Interlocked.Decrement(ref _wanted);
                return isWanted?.Invoke() == false ? [] : Acquire(indices);
            },
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            _turns.ExclusiveScheduler);
    }

    /// <summary>Whether every expert is in memory.</summary>
    public bool HoldsAll => experts.All(Holds);

    /// <summary>
    /// Has experts that will probably be wanted read on another thread, as far as there is room beside those in use. What is wished last counts, and whoever wants an expert goes first. One that
    /// cannot be read is passed over until somebody wants it, and gets the error.
    /// </summary>
    /// <param name="indices">Their places in the set, the likeliest first.</param>
    public void Prefetch(IReadOnlyList<int> indices)
    {
        IReadOnlyList<LoadedExpert> wished = [.. indices.Select(index => experts[index]).Where(expert => !Holds(expert) && !_passedOver.ContainsKey(expert))];
        if (wished.Count > 0 && Interlocked.Exchange(ref _wished, wished) is null)
        {
            _ = Task.Factory.StartNew(ReadWished, CancellationToken.None, TaskCreationOptions.DenyChildAttach, _turns.ExclusiveScheduler);
        }
    }

    /// <summary>An expert that could not be read when it was wanted and still is not as it should be; null when there is none.</summary>
    public LostExpert? FindLost()
    {
        foreach (var expert in _lost.Keys.OrderBy(expert => expert.Member.Name, StringComparer.Ordinal))
        {
            if (_check(expert) is { } damage)
            {
                return new LostExpert(expert.Member.Name, damage);
            }

            _lost.TryRemove(expert, out _);
        }

        return null;
    }

    /// <summary>Waits for what is being read, and frees all.</summary>
    public void Dispose()
    {
        _isEnding = true;
        _turns.Complete();
        _turns.Completion.Wait();
        pool.Dispose();
    }

    private void ReadWished()
    {
        foreach (var expert in Interlocked.Exchange(ref _wished, null) ?? [])
        {
            if (_isEnding || Volatile.Read(ref _wanted) > 0 || Volatile.Read(ref _wished) is not null)
            {
                return;
            }

            pool.Prefetch([expert.Folder], _ => IsSound(expert));
        }
    }

    private bool IsSound(LoadedExpert expert)
    {
        var isSound = _check(expert) is null;
        if (!isSound)
        {
            _passedOver[expert] = true;
        }

        return isSound;
    }

    private static string? Damage(LoadedExpert expert)
    {
        try
        {
            var found = ArtifactDigest.OfFolder(expert.Folder);
            return ArtifactDigest.Hex(found) == ArtifactDigest.Hex(expert.Member.Digest) ? null : $"{expert.Folder} is damaged: its content has the digest {found}, the set asks for {expert.Member.Digest}.";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message;
        }
    }
}

/// <summary>An expert that cannot be read any more.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why.</param>
internal sealed record LostExpert(string Name, string Reason);

/// <summary>An expert that a request needs cannot be read any more.</summary>
/// <param name="name">The expert.</param>
/// <param name="cause">Why.</param>
internal sealed class ExpertLostException(string name, Exception cause) : Exception($"The expert '{name}' cannot be read: {cause.Message}", cause)
{
    /// <summary>The expert.</summary>
    public string Name { get; } = name;
}
