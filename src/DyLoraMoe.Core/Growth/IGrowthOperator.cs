using DyLoraMoe.Core.Models;

namespace DyLoraMoe.Core.Growth;

/// <summary>
/// One way for a model to become larger without computing anything else at that moment. An operator looks at shapes alone, so that
/// a whole plan is checked before a weight is read, and operators can follow each other in any order.
/// See <see href="https://arxiv.org/abs/2308.06103">Composable function-preserving expansions</see>; rotary positions, shared
/// key/value heads, gated feed-forward layers, norm epsilons and tied heads are treated here.
/// </summary>
public interface IGrowthOperator
{
    /// <summary>What happens to every weight of a model of this shape.</summary>
    /// <param name="config">The shape before.</param>
    /// <exception cref="GrowthRefusedException">It cannot be done exactly, or what is new could not learn.</exception>
    GrowthStep Plan(ModelConfig config);
}
