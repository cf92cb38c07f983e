using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Operator.Growths;

/// <summary>A larger backbone with all experts of the active set carried over to it.</summary>
/// <param name="Key">What a refusal of it is about.</param>
/// <param name="From">Digest of the backbone that it has grown from.</param>
/// <param name="Backbone">The larger backbone.</param>
/// <param name="Members">The experts, in order of their names.</param>
internal sealed record GrowthOffer(string Key, string From, BackboneInput Backbone, IReadOnlyList<ExpertInput> Members);
