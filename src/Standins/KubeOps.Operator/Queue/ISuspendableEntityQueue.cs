namespace KubeOps.Operator.Queue;

/// <summary>A queue that an instance without the lead keeps shut.</summary>
public interface ISuspendableEntityQueue
{
    /// <summary>Forgets all visits.</summary>
    void Clear();

    /// <summary>Takes nothing from now on.</summary>
    void SuspendIntake();

    /// <summary>Takes visits again.</summary>
    void ResumeIntake();
}
