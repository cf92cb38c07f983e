using DyLoraMoe.Api.Resources;

namespace DyLoraMoe.Operator.Sets;

/// <summary>A growth that led to the backbone of a set. It outlives the Growth, so that one that is made anew is known.</summary>
/// <param name="Growth">Name of the Growth.</param>
/// <param name="Plan">Hash of what it was to do.</param>
/// <param name="From">Digest of the backbone before.</param>
/// <param name="Backbone">The larger one.</param>
internal sealed record GrowthStep(string Growth, string Plan, string From, GrownBackbone Backbone);
