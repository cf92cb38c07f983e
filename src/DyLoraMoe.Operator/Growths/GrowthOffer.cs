using DyLoraMoe.Api.Jobs;
using DyLoraMoe.Operator.Sets;

namespace DyLoraMoe.Operator.Growths;

/// <summary>A larger backbone with all experts of the active set carried over to it.</summary>
/// <param name="Key">What a refusal of it is about.</param>
/// <param name="Step">The growth that led to it.</param>
/// <param name="Backbone">The larger backbone.</param>
/// <param name="Members">The experts, in order of their names.</param>
internal sealed record GrowthOffer(string Key, GrowthStep Step, BackboneInput Backbone, IReadOnlyList<ExpertInput> Members);
