using System.ComponentModel.DataAnnotations;

namespace DyLoraMoe.Sandbox.Controllers;

/// <summary>How the sandbox's cluster behaves and what it runs on.</summary>
public sealed record ClusterOptions
{
    /// <summary>The folder that holds volumes, logs and the pods' folders. Nothing outside of it is written.</summary>
    [Required]
    public required string DataDirectory { get; init; }

    /// <summary>The name of the one node.</summary>
    public string NodeName { get; init; } = "sandbox";

    /// <summary>Images and the folders that stand for them, as <c>NAME[:TAG]=DIR</c>; the name may hold <c>*</c> or end in <c>/</c>.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>GPUs the node offers as <c>nvidia.com/gpu</c>; none unless told, since not every machine has one.</summary>
    [Range(0, 1024)]
    public int Gpus { get; init; }

    /// <summary>CPUs the node offers. Null: those of this machine, at least 4, so that a laptop's small requests fit side by side.</summary>
    public decimal? Cpus { get; init; }

    /// <summary>Bytes of memory the node offers. Null: those of this machine.</summary>
    public long? Memory { get; init; }

    /// <summary>Pods the node takes at once; 250 is what busy real nodes allow.</summary>
    [Range(1, 10_000)]
    public int MaxPods { get; init; } = 250;

    /// <summary>The first delay before a Job replaces a failed pod; it doubles. Real clusters take 10 s, too long to wait at a desk.</summary>
    public TimeSpan JobBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such delay; as in real clusters.</summary>
    public TimeSpan JobBackoffLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The first delay before a crashed container starts again; it doubles. Real nodes take 10 s.</summary>
    public TimeSpan RestartBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such delay; as in real clusters.</summary>
    public TimeSpan RestartBackoffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long pods may take to end when the sandbox stops; what still runs then is killed.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Environment variables of the sandbox that every container sees, besides PATH, HOME, LANG and TZ.</summary>
    public IReadOnlyList<string> PassEnvironment { get; init; } = ["DOTNET_ROOT", "LIBTORCH", "LD_LIBRARY_PATH"];

    /// <summary>The certificate authority of the API server, in PEM, for the pods' kubeconfig; null over plain HTTP.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The address of the API server as pods see it; null: the one the controllers use.</summary>
    public Uri? Server { get; init; }
}
