namespace DyLoraMoe.Core.Data.Reading;

/// <summary>What happens to a row that cannot be used.</summary>
public enum BadRowPolicy
{
    /// <summary>Reading ends with an error that names it.</summary>
    Fail,

    /// <summary>It is left out, counted, and the first few are named in the report.</summary>
    Skip,
}
