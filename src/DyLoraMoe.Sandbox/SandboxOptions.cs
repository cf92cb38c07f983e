namespace DyLoraMoe.Sandbox;

/// <summary>How a sandbox runs.</summary>
internal sealed record SandboxOptions
{
    /// <summary>The folder with all state.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the kubeconfig is written; by default <c>kubeconfig</c> in the data folder.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The port on loopback; 0 takes a free one. A data folder remembers its port.</summary>
    public int Port { get; init; }

    /// <summary>Folders or files whose objects are applied at the start, such as definitions of custom resources.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    /// <summary>Container images and the folders of programs that stand for them, as <c>NAME[:TAG]=DIR</c>.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>How many GPUs the node offers.</summary>
    public int Gpus { get; init; }

    /// <summary>The file that takes down which rights were needed; null for none.</summary>
    public string? AccessLog { get; init; }

    /// <summary>The address of the API server, known to agents when they start.</summary>
    public Uri? Server { get; init; }

    /// <summary>The certificate authority of the API server in PEM, known to agents when they start.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Whether the controllers and the kubelet run; without them objects stay as they were written.</summary>
    public bool Agents { get; init; } = true;

    /// <summary>How many writes of each collection can be replayed to a watcher that comes back.</summary>
    public int WatchHistory { get; init; } = 10_000;

    /// <summary>How often an idle watch is told the current version.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long events are kept.</summary>
    public TimeSpan EventLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The path of the kubeconfig.</summary>
    public string KubeconfigPath => Path.GetFullPath(Kubeconfig ?? Path.Combine(DataFolder, "kubeconfig"));
}
