namespace DyLoraMoe.Api.Resources;

/// <summary>Regular expressions of values, in the dialect that RE2 and .NET share.</summary>
public static class Patterns
{
    /// <summary>Name of a resource of ours, or of anything that becomes part of a host's name.</summary>
    public const string ResourceName = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>Name of any object.</summary>
    public const string ObjectName = "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$";

    /// <summary>Key of a ConfigMap.</summary>
    public const string ConfigMapKey = "^[-._a-zA-Z0-9]+$";

    /// <summary>Value of a label.</summary>
    public const string LabelValue = "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$";

    /// <summary>Key of a label: a name, perhaps after a domain and a slash. How long each may be, <see cref="KeyLengths"/> says.</summary>
    public const string LabelKey = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$";

    /// <summary>Key of an annotation, whose domain may have capital letters.</summary>
    public const string AnnotationKey = "^([A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?([.][A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$";

    /// <summary>How long the domain and the name of a key may be.</summary>
    public const string KeyLengths = "^([^/]{1,253}/)?[^/]{1,63}$";

    /// <summary>A path below some folder.</summary>
    public const string RelativePath = "^([^/].*)?$";

    /// <summary>A SHA-256 digest.</summary>
    public const string Digest = "^sha256:[0-9a-f]{64}$";

    /// <summary>A number of at least zero, with or without a fraction and a power of ten: 1, 0.01, 2e-3.</summary>
    public const string DecimalNumber = "^[0-9]+(\\.[0-9]+)?(e-?[0-9]{1,2})?$";

    /// <summary>Name of a module of a model, such as q_proj or self_attn.q_proj.</summary>
    public const string ModuleName = "^[A-Za-z_][A-Za-z0-9_.]*$";

    /// <summary>Name of a field of a record, in any script. Braces would end it in a template.</summary>
    public const string FieldName = "^[^{}]+$";

    /// <summary>A share that may exceed the whole.</summary>
    public const string Percent = "^[0-9]{1,3}%$";

    /// <summary>A share of at most the whole.</summary>
    public const string Share = "^(100|[1-9]?[0-9])%$";

    /// <summary>A bucket of S3.</summary>
    public const string BucketName = "^[a-z0-9][a-z0-9.-]*[a-z0-9]$";

    /// <summary>What the keys of a bucket begin with.</summary>
    public const string KeyPrefix = "^([^/].*[^/]|[^/])?$";

    /// <summary>Address of a service: scheme, host and port.</summary>
    public const string Endpoint = "^https?://[^/?#@ ]+/?$";

    /// <summary>Address of an API: scheme, host, port and path. Neither a name nor a query, which might hold a secret.</summary>
    public const string Address = "^https?://[^/?#@ ]+(/[^?#@ ]*)?$";

    /// <summary>Region of a cloud.</summary>
    public const string Region = "^[a-z0-9-]+$";

    /// <summary>A time as RFC 3339 writes it, of years that any clock knows. The API server's own format takes more: the year 0, and zones that no clock can be in.</summary>
    public const string Time = @"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])$";

    /// <summary>A quantity of Kubernetes, such as 500m or 2Gi, that is not negative.</summary>
    public const string Quantity = @"^[+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]{1,2})?$";

    /// <summary>A quantity of Kubernetes that is a whole number of MiB and less than 10 TiB: 512Mi, 4Gi, 1Ti.</summary>
    public const string MemorySize = "^([1-9][0-9]{0,6}Mi|[1-9][0-9]{0,3}Gi|[1-9]Ti)$";

    /// <summary>A <see cref="MemorySize"/> or 0.</summary>
    public const string MemorySizeOrNone = "^(0|[1-9][0-9]{0,6}Mi|[1-9][0-9]{0,3}Gi|[1-9]Ti)$";

    /// <summary>A schedule as cron has it: five fields, or one of its names. Which values a field may have, the pattern does not say.</summary>
    public const string Schedule = "^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[-0-9A-Za-z*/,?#]+( +[-0-9A-Za-z*/,?#]+){4})$";

    /// <summary>A time zone of the IANA's database.</summary>
    public const string TimeZone = "^[A-Za-z][-+_A-Za-z0-9]*(/[-+_A-Za-z0-9]+)*$";

    /// <summary>An axis along which a backbone may grow by itself.</summary>
    public const string GrowthAxis = "^(Depth|FeedForward|Heads|Hidden)$";

    /// <summary>A word that programs compare, such as a condition's reason.</summary>
    public const string Word = "^[A-Z][A-Za-z0-9]*$";
}
