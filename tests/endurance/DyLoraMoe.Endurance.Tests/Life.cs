namespace DyLoraMoe.Endurance.Tests;

/// <summary>Lives of a cluster that have a known end.</summary>
public enum Life
{
    /// <summary>Skills are learnt: two that are new, one that is covered, one that extends, one that is refused.</summary>
    Day,

    /// <summary>Experts are consolidated: by a schedule, one to its good and one that is refused; twice without one; and in a run that is deleted.</summary>
    Night,
}
