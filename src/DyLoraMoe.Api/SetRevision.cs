using System.Security.Cryptography;
using System.Text;
using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Api;

/// <summary>
/// What serves together: the document in the ConfigMap that a router's pods mount. Immutable, and named by its own digest, so a change of the
/// set is a change of the pod template, and a roll back is a pointer.
/// </summary>
public sealed record SetRevision
{
    /// <summary>The format that this version reads and writes.</summary>
    public const string CurrentVersion = "dylora.dev/set-v1";

    /// <summary>Key of the document in its ConfigMap, and name of the file that a pod mounts.</summary>
    public const string FileName = "set.json";

    /// <summary>Format of this document.</summary>
    public string ApiVersion { get; init; } = CurrentVersion;

    /// <summary>The backbone, its digest known.</summary>
    public required BackboneInput Backbone { get; init; }

    /// <summary>The experts, in order of their names.</summary>
    public IReadOnlyList<SetMember> Experts { get; init; } = [];

    /// <summary>Digest of the router; null when there are no experts.</summary>
    public string? Router { get; init; }

    /// <summary>Divides the router's scores; null for the default.</summary>
    public double? Temperature { get; init; }

    /// <summary>Experts per prompt once all are mature; null for the default.</summary>
    public int? TopK { get; init; }

    /// <summary>Digest of the document, <c>sha256:</c> and 64 hexadecimal digits: the revision.</summary>
    public string ComputeRevision() => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ContractJson.Write(this))));
}

/// <summary>An expert of a set.</summary>
/// <param name="Name">Name of the resource.</param>
/// <param name="Digest">Digest of its artifact.</param>
/// <param name="Version">1 when it was made, one more with every change.</param>
/// <param name="Mode"><c>Activated</c> or <c>Full</c>.</param>
/// <param name="Rank">Width of its update.</param>
/// <param name="Maturity">What the router blends by: 0 to 1, where 1 is mature.</param>
public sealed record SetMember(string Name, string Digest, int Version, string Mode, int Rank, double Maturity);
