using DyLoraMoe.Sandbox.Storage;

namespace DyLoraMoe.Sandbox.Kinds;

/// <summary>What kinds' rules may look at besides the object.</summary>
/// <param name="View">The cluster's state.</param>
/// <param name="Time">The clock.</param>
/// <param name="User">Who asks.</param>
internal sealed record KindContext(StoreView View, TimeProvider Time, string User);
