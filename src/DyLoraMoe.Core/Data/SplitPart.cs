namespace DyLoraMoe.Core.Data;

/// <summary>Which part of a data set a sample belongs to.</summary>
public enum SplitPart
{
    /// <summary>Learnt from.</summary>
    Train,

    /// <summary>Held out for choosing: when to stop, which setting is better.</summary>
    HeldOut,

    /// <summary>Held out for reporting, never looked at before.</summary>
    Test,
}
