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

    /// <summary>The rule of a definition for the keys of labels, those of pods and those that are looked for on nodes.</summary>
    public const string LabelKeys = "self.all(key, key.matches('" + Patterns.KeyLengths + "') && key.matches('" + Patterns.LabelKey + "'))";

    /// <summary>The rule of a definition for the keys of annotations.</summary>
    public const string AnnotationKeys = "self.all(key, key.matches('" + Patterns.KeyLengths + "') && key.matches('" + Patterns.AnnotationKey + "'))";

    /// <summary>What is said of a key that no label can have.</summary>
    public const string LabelKeysMessage = "must have keys that Kubernetes takes: at most 63 " + NameLooks + ", perhaps after a domain in lower case and a slash";

    /// <summary>What is said of a key that no annotation can have.</summary>
    public const string AnnotationKeysMessage = "must have keys that Kubernetes takes: at most 63 " + NameLooks + ", perhaps after a domain and a slash";

    private const string NameLooks = "letters, digits, '-', '_' and '.', with a letter or a digit at either end";

    private const string Prefix = ApiNames.Group + "/";

    /// <summary>Whether a key is the operator's own to set.</summary>
    /// <param name="key">The key.</param>
    public static bool IsReserved(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) || key is Labels.Name or Labels.Component or Labels.ManagedBy or Labels.KueueQueue;
}
