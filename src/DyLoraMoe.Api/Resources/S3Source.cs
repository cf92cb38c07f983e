using KubeOps.Abstractions.Entities.Attributes;

namespace DyLoraMoe.Api.Resources;

/// <summary>Objects in an S3 bucket, or in any store that speaks S3.</summary>
public sealed record S3Source
{
    /// <summary>The bucket.</summary>
    [Required]
    [Length(3, 63)]
    [Pattern(Patterns.BucketName)]
    public string Bucket { get; set; } = "";

    /// <summary>What the keys begin with, without a slash at either end. The whole bucket when it is left out.</summary>
    [Length(0, 512)]
    [Pattern(Patterns.KeyPrefix)]
    public string? Prefix { get; set; }

    /// <summary>Address of the service, such as https://minio.storage.svc:9000. Amazon's own for the region when it is left out.</summary>
    [Length(1, 512)]
    [Pattern(Patterns.Endpoint)]
    public string? Endpoint { get; set; }

    /// <summary>Region that requests are signed for.</summary>
    [Length(1, 64)]
    [Pattern(Patterns.Region)]
    [DefaultValue("us-east-1")]
    public string Region { get; set; } = "us-east-1";

    /// <summary>Whether the bucket is part of the path rather than of the host's name. On when an endpoint is given, since most other stores need it.</summary>
    public bool? PathStyle { get; set; }

    /// <summary>
    /// A Secret with the keys AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if need be, AWS_SESSION_TOKEN. Without one the pod's own
    /// identity is used.
    /// </summary>
    public LocalReference? CredentialsSecretRef { get; set; }

    /// <summary>A ConfigMap key with the certificates, in PEM form, that the endpoint's own certificate is checked by. The system's when it is left out.</summary>
    public KeyReference? CaBundle { get; set; }
}
