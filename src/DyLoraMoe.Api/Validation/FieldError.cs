namespace DyLoraMoe.Api.Validation;

/// <summary>A field of a manifest that breaks a rule.</summary>
/// <param name="Path">The field, such as <c>spec.lora.rank</c>.</param>
/// <param name="Expected">What would be right.</param>
/// <param name="Found">What is there.</param>
/// <param name="Advice">What to do.</param>
public sealed record FieldError(string Path, string Expected, string Found, string Advice)
{
    /// <summary>The error as a sentence.</summary>
    public override string ToString() => $"{Path}: expected {Expected}, found {Found}; {Advice}";
}
