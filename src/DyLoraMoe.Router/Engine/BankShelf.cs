using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Router.Sets;
using static TorchSharp.torch;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Banks of the experts that are in use. A pass pays for every expert of its bank, so a bank holds those in use and few others; one that
/// is built stays as long as it fits, and as long as there is memory for experts. What banks take beside the experts counts within that memory.
/// </summary>
/// <param name="experts">Hands out the experts.</param>
/// <param name="budget">Bytes of experts beyond which banks that nobody uses go.</param>
internal sealed class BankShelf(ExpertPool experts, long budget) : IDisposable
{
    private const int MostBanks = 4;

    private readonly List<ExpertBank> _banks = [];

    /// <summary>A bank with these experts and not many more.</summary>
    /// <param name="wanted">Indices of the experts, rising; at least one. The bank is valid until the next call, or as long as it is in use.</param>
    public ExpertBank For(IReadOnlyList<int> wanted)
    {
        var bank = _banks.Find(bank => bank.Experts.Count <= (2 * wanted.Count) + 1 && wanted.All(bank.Experts.Contains));
        if (bank is null)
        {
            bank = Build(wanted);
        }
        else
        {
            _banks.Remove(bank);
        }

        _banks.Insert(0, bank);
        for (var at = _banks.Count - 1; at > 0 && (_banks.Count > MostBanks || experts.DeviceBytes + _banks.Sum(each => each.Bytes) > budget); at--)
        {
            if (!_banks[at].IsInUse)
            {
                _banks[at].Dispose();
                _banks.RemoveAt(at);
            }
        }

        Count();
        return bank;
    }

    public void Dispose()
    {
        _banks.ForEach(bank => bank.Dispose());
        _banks.Clear();
        Count();
    }

    private void Count()
    {
        var bytes = _banks.Sum(bank => bank.Bytes);
        if (experts.CopiedBytes != bytes)
        {
            experts.CopiedBytes = bytes;
        }
    }

    private ExpertBank Build(IReadOnlyList<int> wanted) => new([.. wanted], experts.Acquire(wanted));
}

/// <summary>Some of the experts side by side.</summary>
/// <param name="experts">Their indices in the set.</param>
/// <param name="leases">Their factors, held until the bank goes.</param>
/// <remarks>Shapes: T tokens, E experts of the bank.</remarks>
internal sealed class ExpertBank(IReadOnlyList<int> experts, IReadOnlyList<AdapterLease> leases) : IDisposable
{
    public IReadOnlyList<int> Experts { get; } = experts;

    public AdapterBank Bank { get; } = new([.. leases.Select(lease => lease.Adapter)]);

    /// <summary>Bytes that it may take beside the experts: their factors once more, side by side.</summary>
    public long Bytes { get; } = leases.Sum(lease => lease.Adapter.Bytes);

    /// <summary>Whether somebody goes on using it beyond the next call of the shelf.</summary>
    public bool IsInUse { get; set; }

    /// <summary>One row of weights in the order of this bank.</summary>
    public IEnumerable<float> Of(float[] weights) => Experts.Select(expert => weights[expert]);

    /// <summary>What the experts add to some tokens of one prompt.</summary>
    /// <param name="weights">Weight of every expert of the set.</param>
    /// <param name="starts">Where in the prompt each begins to act.</param>
    /// <param name="from">First token of the pass.</param>
    /// <param name="end">One past its last.</param>
    /// <param name="device">Where the model is.</param>
    public AdapterBatch Delta(float[] weights, int[] starts, int from, int end, Device device)
    {
        using var scope = NewDisposeScope();
        var (tokens, experts) = (end - from, Experts.Count);
        var active = new bool[tokens * experts];
        for (var at = 0; at < active.Length; at++)
        {
            active[at] = from + (at / experts) >= starts[Experts[at % experts]];
        }

        return new AdapterBatch(
            Bank,
            tensor(Of(weights).ToArray(), device: device).unsqueeze(0),                       // (1, E)
            tokens,
            tensor(active, [1, tokens, experts], device: device));                            // (1, T, E)
    }

    public void Dispose()
    {
        Bank.Dispose();
        foreach (var lease in leases)
        {
            lease.Dispose();
        }
    }
}
