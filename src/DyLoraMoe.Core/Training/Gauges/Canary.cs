using DyLoraMoe.Core.Data;

namespace DyLoraMoe.Core.Training;

/// <summary>A small fixed part of an earlier skill's held-out data, whose loss tells when training begins to cost that skill.</summary>
/// <param name="Name">The skill's name.</param>
/// <param name="Samples">The samples; never among those that are trained on.</param>
/// <param name="MaxRise">By how much the loss may rise over that of the start, in nats per token, above 0.</param>
public sealed record Canary(string Name, IReadOnlyList<TokenizedSample> Samples, double MaxRise);
