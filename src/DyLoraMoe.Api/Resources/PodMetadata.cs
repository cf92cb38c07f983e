namespace DyLoraMoe.Api.Resources;

/// <summary>Labels and annotations that a person gives to pods: any but those by which the operator and Kueue know their pods.</summary>
public static class PodMetadata
{
    /// <summary>Most entries of each.</summary>
    public const int Entries = 32;

    /// <summary>Most characters of a label's value.</summary>
    public const int LabelLength = 63;

    /// <summary>Most characters of an annotation's value.</summary>
    public const int AnnotationLength = 4096;

    /// <summary>The rule of a definition, whose cost the number of entries bounds.</summary>
    public const string Rule = "self.all(key, !key.startsWith('" + Prefix + "') && !(key in ['" + Labels.Name + "', '" + Labels.Component + "', '" + Labels.ManagedBy + "', '" + Labels.KueueQueue + "']))";

    /// <summary>What is said of a key that the rule refuses.</summary>
    public const string Message = "must have no key below " + ApiNames.Group + ", and not " + Labels.Name + ", " + Labels.Component + ", " + Labels.ManagedBy + " or " + Labels.KueueQueue + ": the operator sets these itself";

    private const string Prefix = ApiNames.Group + "/";

    /// <summary>Whether a key is the operator's own to set.</summary>
    /// <param name="key">The key.</param>
    public static bool IsReserved(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) || key is Labels.Name or Labels.Component or Labels.ManagedBy or Labels.KueueQueue;
}
