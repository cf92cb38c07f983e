using System.CommandLine;
using DyLoraMoe.Core.Training;

namespace DyLoraMoe.Trainer.CommandLine;

/// <summary>The option <c>--optimizer</c>.</summary>
internal static class OptimizerChoice
{
    private const string AdamW = "adamw";
    private const string Apollo = "apollo";
    private const string ApolloMini = "apollo-mini";

    /// <summary>The option.</summary>
    /// <param name="description">What its help says.</param>
    public static Option<string?> Option(string description)
    {
        var option = OptionOf.Parsed<string?>(
            "--optimizer", "NAME", description, text => text is AdamW or Apollo or ApolloMini ? text : null, $"{AdamW}, {Apollo} or {ApolloMini}");
        option.CompletionSources.Add(AdamW, Apollo, ApolloMini);
        return option;
    }

    /// <summary>The training option of a name; null for AdamW and for none.</summary>
    public static ApolloOptions? Of(string? name) => name switch
    {
        Apollo => new ApolloOptions(),
        ApolloMini => ApolloOptions.Mini,
        _ => null,
    };
}
