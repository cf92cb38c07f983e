namespace DyLoraMoe.Sandbox;

/// <summary>What a client wants of a container's log.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Pod">The pod's name.</param>
/// <param name="Uid">The pod's uid.</param>
/// <param name="Container">The container, never empty.</param>
internal sealed record PodLogRequest(string Namespace, string Pod, string Uid, string Container)
{
    /// <summary>Whether to go on until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether the log of the run before the current one is wanted.</summary>
    public bool Previous { get; init; }

    /// <summary>Whether each line starts with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>How many lines from the end; null for all.</summary>
    public long? TailLines { get; init; }

    /// <summary>Only lines since then.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>The most bytes to send.</summary>
    public long? LimitBytes { get; init; }
}

/// <summary>Where the logs of containers are read: what a kubelet serves to the API server.</summary>
internal interface IPodLogs
{
    /// <summary>Opens a container's log. Reading it waits for more when the request follows, and ends when the container does.</summary>
    /// <exception cref="PodLogException">There is no such log.</exception>
    Task<Stream> OpenAsync(PodLogRequest request, CancellationToken cancellation);
}

/// <summary>A log that cannot be read, with what the client is told (400 Bad Request).</summary>
internal sealed class PodLogException(string message) : Exception(message);
