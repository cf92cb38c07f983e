namespace DyLoraMoe.Api.Resources;

/// <summary>Where an expert is in its life.</summary>
public static class ExpertStages
{
    /// <summary>No job has begun.</summary>
    public const string Pending = "Pending";

    /// <summary>Its job has begun; it changes nothing yet.</summary>
    public const string Nascent = "Nascent";

    /// <summary>In its high-rate phase.</summary>
    public const string Seeding = "Seeding";

    /// <summary>In its low-rate phase, or trained and not mature yet.</summary>
    public const string Consolidating = "Consolidating";

    /// <summary>Its evidence suffices.</summary>
    public const string Mature = "Mature";

    /// <summary>Another expert has taken over what it knew.</summary>
    public const string Merged = "Merged";

    /// <summary>Out of the set, and kept.</summary>
    public const string Archived = "Archived";
}
