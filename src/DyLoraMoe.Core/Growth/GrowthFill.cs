namespace DyLoraMoe.Core.Growth;

/// <summary>What new entries of a weight start from.</summary>
public enum GrowthFill
{
    /// <summary>Zero.</summary>
    Zero,

    /// <summary>Normal numbers with the standard deviation of the weight's old entries.</summary>
    Random,

    /// <summary>The mean of the old entries: of all in a vector, of the old rows in a matrix.</summary>
    Mean,

    /// <summary>One where a new row meets a new column, zero elsewhere. A wholly new weight with more rows than columns has random ones below.</summary>
    Identity,

    /// <summary>The values of the weight that a wholly new one is modelled on.</summary>
    Copy,
}

/// <summary>When the new entries of a weight first get a gradient.</summary>
public enum GradientArrival
{
    /// <summary>In the first training step.</summary>
    AtOnce,

    /// <summary>In the second: the first step has to move those that it waits for.</summary>
    AfterOneStep,

    /// <summary>Not before something else, such as noise, has moved them off a saddle.</summary>
    Never,
}

/// <summary>How new entries start where there is a choice. Every variant leaves what the model computes as it is.</summary>
public enum GrowthVariant
{
    /// <summary>What writes into the residual stream starts at zero, what reads it at random: new entries can learn from the first step on.</summary>
    RandomReaders,

    /// <summary>
    /// The third seed's: every vector gets zeros, every matrix the rows and columns of the identity. What both reads and writes zero
    /// stays there until noise is added.
    /// </summary>
    ZeroPadded,
}
