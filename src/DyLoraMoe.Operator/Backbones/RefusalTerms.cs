using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Operator.Jobs;
using DyLoraMoe.Operator.Reconciling;

namespace DyLoraMoe.Operator.Backbones;

/// <summary>What a refusal depends on besides the experts themselves: with another budget, or when a person asks for it, it is tried again.</summary>
internal static class RefusalTerms
{
    public static string Of(Backbone backbone) => Hash.Of(backbone.Spec.Regression.Budget, backbone.Note(Annotations.RetryAt))[..Hash.NameDigits];
}
