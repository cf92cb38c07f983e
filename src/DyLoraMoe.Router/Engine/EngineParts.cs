using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router.Engine;

/// <summary>What the parts of an engine have in common.</summary>
/// <param name="Set">What is served.</param>
/// <param name="Options">What may be used.</param>
/// <param name="Prefixes">Prompts that are kept for others that begin alike.</param>
/// <param name="Banks">Builds banks of experts.</param>
/// <param name="Routing">Decides which experts answer.</param>
/// <param name="Observer">Sees it work.</param>
/// <param name="Time">The clock.</param>
internal sealed record EngineParts(
    LoadedSet Set, EngineOptions Options, PrefixCache Prefixes, BankShelf Banks, ExpertRouting Routing, IEngineObserver Observer, TimeProvider Time);
