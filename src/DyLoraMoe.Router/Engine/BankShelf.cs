using DyLoraMoe.Core.Adapters;

namespace DyLoraMoe.Router.Engine;

/// <summary>
/// Banks of the experts that are in use. A pass pays for every expert of its bank, so a bank holds those in use and few others; one that
/// is built stays as long as it fits.
/// </summary>
internal sealed class BankShelf(IReadOnlyList<LoraAdapter> adapters) : IDisposable
{
    private const int MostBanks = 4;

    private readonly List<ExpertBank> _banks = [];

    /// <summary>A bank with these experts and not many more.</summary>
    /// <param name="experts">Indices of the experts, rising; at least one. The bank is valid until the next call.</param>
    public ExpertBank For(IReadOnlyList<int> experts)
    {
        var found = _banks.FindIndex(bank => bank.Experts.Count <= (2 * experts.Count) + 1 && experts.All(bank.Experts.Contains));
        var bank = found >= 0 ? _banks[found] : new ExpertBank([.. experts], new AdapterBank([.. experts.Select(index => adapters[index])]));
        if (found >= 0)
        {
            _banks.RemoveAt(found);
        }

        _banks.Insert(0, bank);
        if (_banks.Count > MostBanks)
        {
            _banks[^1].Bank.Dispose();
            _banks.RemoveAt(_banks.Count - 1);
        }

        return bank;
    }

    public void Dispose() => _banks.ForEach(bank => bank.Bank.Dispose());
}

/// <summary>Some of the experts side by side.</summary>
/// <param name="Experts">Their indices in the set.</param>
/// <param name="Bank">Their factors.</param>
internal sealed record ExpertBank(IReadOnlyList<int> Experts, AdapterBank Bank)
{
    /// <summary>One row of weights in the order of this bank.</summary>
    public IEnumerable<float> Of(float[] weights) => Experts.Select(expert => weights[expert]);
}
