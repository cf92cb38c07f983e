using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Banks of the experts that are in use. A pass pays for every expert of its bank, so a bank holds those in use and few others; one that
/// is built stays as long as it fits, and as long as there is memory for experts.
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
        for (var at = _banks.Count - 1; at > 0 && (_banks.Count > MostBanks || experts.Bytes > budget); at--)
        {
            if (!_banks[at].IsInUse)
            {
                _banks[at].Dispose();
                _banks.RemoveAt(at);
            }
        }

        return bank;
    }

    public void Dispose() => _banks.ForEach(bank => bank.Dispose());

    private ExpertBank Build(IReadOnlyList<int> wanted)
    {
        List<AdapterLease> leases = [];
        try
        {
            foreach (var index in wanted)
            {
                leases.Add(experts.Acquire(index));
            }

            return new ExpertBank([.. wanted], leases);
        }
        catch
        {
            leases.ForEach(lease => lease.Dispose());
            throw;
        }
    }
}

/// <summary>Some of the experts side by side.</summary>
/// <param name="experts">Their indices in the set.</param>
/// <param name="leases">Their factors, held until the bank goes.</param>
internal sealed class ExpertBank(IReadOnlyList<int> experts, IReadOnlyList<AdapterLease> leases) : IDisposable
{
    public IReadOnlyList<int> Experts { get; } = experts;

    public AdapterBank Bank { get; } = new([.. leases.Select(lease => lease.Adapter)]);

    /// <summary>Whether somebody goes on using it beyond the next call of the shelf.</summary>
    public bool IsInUse { get; set; }

    /// <summary>One row of weights in the order of this bank.</summary>
    public IEnumerable<float> Of(float[] weights) => Experts.Select(expert => weights[expert]);

    public void Dispose()
    {
        Bank.Dispose();
        foreach (var lease in leases)
        {
            lease.Dispose();
        }
    }
}
