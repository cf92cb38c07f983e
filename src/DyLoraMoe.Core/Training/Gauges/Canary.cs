using DyLoraMoe.Core.Data;
using DyLoraMoe.Core.Evaluation;

namespace DyLoraMoe.Core.Training;

/// <summary>A small fixed part of an earlier skill's held-out data, whose loss tells when training begins to cost that skill.</summary>
/// <param name="Name">The skill's name.</param>
/// <param name="Samples">The samples; never among those that are trained on.</param>
/// <param name="Budget">By how much the loss may rise over that of the start: its nats or its share, whichever is more.</param>
public sealed record Canary(string Name, IReadOnlyList<TokenizedSample> Samples, RegressionBudget Budget);
