using DyLoraMoe.Core.Adapters;
using DyLoraMoe.Core.Models;
using DyLoraMoe.Core.Tests.Adapters;

namespace DyLoraMoe.Core.Tests.Routing;

internal static class LoraAdapters
{
    public static LoraAdapter Trained(CausalLanguageModel model, int seed) => LoraAdapterTests.Trained(model, new LoraConfig { Rank = 4 }, seed);
}
