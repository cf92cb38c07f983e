namespace DyLoraMoe.Api.Jobs;

/// <summary>What a job does. Every kind is one run of <c>dylora job</c> with a <see cref="JobRequest"/>, and ends with a <see cref="JobResult"/>.</summary>
public enum JobKind
{
    /// <summary>Loads the backbone, says what it is, and checks its digest.</summary>
    Prepare,

    /// <summary>Turns a skill's data into an immutable dataset, then decides whether they are new.</summary>
    Assess,

    /// <summary>Makes an expert, or teaches one more.</summary>
    Train,

    /// <summary>Has an expert go over what it knows again, with dreams where those are wanted.</summary>
    Consolidate,

    /// <summary>Makes a larger backbone that computes the same, lets it relearn where that is wanted, and measures both.</summary>
    Grow,

    /// <summary>Carries an expert over to a backbone that has grown.</summary>
    Migrate,

    /// <summary>Takes in an adapter that was trained elsewhere.</summary>
    Import,

    /// <summary>Fits a router for a candidate set on the stored features of all skills.</summary>
    FitRouter,

    /// <summary>Compares a candidate set with the active one on every skill's held-out data.</summary>
    Check,

    /// <summary>Removes artifacts and checkpoints that nothing refers to.</summary>
    Collect,
}
