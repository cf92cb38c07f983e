namespace DyLoraMoe.Operator.Cluster;

/// <summary>Keeps what is known of one kind.</summary>
internal interface IReflector
{
    /// <summary>Whether the first list has come in.</summary>
    bool HasSynced { get; }

    /// <summary>Whether what is known is what there is, as far as a watch can tell: not while there is none, as after an outage.</summary>
    bool IsCurrent { get; }

    /// <summary>The kind.</summary>
    string Plural { get; }

    /// <summary>Lists and watches until cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
