using System.Text;

namespace DyLoraMoe.Api.Jobs;

/// <summary>
/// Objects in a bucket, in one argument of a program: <c>s3://BUCKET/PREFIX?endpoint=URL&amp;region=REGION&amp;pathStyle=true&amp;ca=FILE&amp;credentials=NAME</c>. It
/// never holds a secret: credentials are named by the beginning of the variables that hold them.
/// </summary>
public sealed record S3Location
{
    private const string Scheme = "s3://";

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>What the keys begin with, without a slash at either end; empty for the whole bucket.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Address of the service; Amazon's own for the region when null.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>Whether the bucket is part of the path rather than of the host's name.</summary>
    public bool PathStyle { get; init; }

    /// <summary>File with the certificates that the service's own is checked by; the system's when null.</summary>
    public string? CaFile { get; init; }

    /// <summary>What the names of the variables begin with that hold the credentials; null for the identity that the process has.</summary>
    public string? Credentials { get; init; }

    /// <summary>The variable with the access key.</summary>
    public string AccessKeyVariable => Credentials + "_AWS_ACCESS_KEY_ID";

    /// <summary>The variable with the secret key.</summary>
    public string SecretKeyVariable => Credentials + "_AWS_SECRET_ACCESS_KEY";

    /// <summary>The variable with the token of temporary credentials, which others do not have.</summary>
    public string SessionTokenVariable => Credentials + "_AWS_SESSION_TOKEN";

    /// <summary>How people know it.</summary>
    public string Name => Prefix.Length == 0 ? Scheme + Bucket : $"{Scheme}{Bucket}/{Prefix}";

    /// <summary>Whether an argument is a location in a bucket, and no path.</summary>
    /// <param name="text">The argument.</param>
    public static bool IsOne(string? text) => text?.StartsWith(Scheme, StringComparison.Ordinal) == true;

    /// <summary>Reads an argument.</summary>
    /// <param name="text">The argument.</param>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    public static S3Location Parse(string text)
    {
        if (!IsOne(text))
        {
            throw new FormatException($"'{text}' is no location in S3; expected {Scheme}BUCKET/PREFIX.");
        }

        var (place, query) = Split(text[Scheme.Length..], '?');
        var (bucket, prefix) = Split(place, '/');
        if (bucket.Length == 0)
        {
            throw new FormatException($"'{text}' names no bucket; expected {Scheme}BUCKET/PREFIX.");
        }

        var location = new S3Location { Bucket = Uri.UnescapeDataString(bucket), Prefix = Uri.UnescapeDataString(prefix).Trim('/') };
        bool? pathStyle = null;
        foreach (var option in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, raw) = Split(option, '=');
            var value = Uri.UnescapeDataString(raw);
            switch (name)
            {
                case "endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https":
                    location = location with { Endpoint = value.TrimEnd('/') };
                    break;
                case "region" when value.Length > 0:
                    location = location with { Region = value };
                    break;
                case "pathStyle" when bool.TryParse(value, out var isOn):
                    pathStyle = isOn;
                    break;
                case "ca" when value.Length > 0:
                    location = location with { CaFile = value };
                    break;
                case "credentials" when value.Length > 0:
                    location = location with { Credentials = value };
                    break;
                default:
                    throw new FormatException($"'{text}' has '{option}'; expected endpoint=URL, region=REGION, pathStyle=true or false, ca=FILE or credentials=NAME.");
            }
        }

        // Most stores but Amazon's own need it.
        return location with { PathStyle = pathStyle ?? location.Endpoint is not null };
    }

    /// <summary>The argument.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Scheme).Append(Bucket);
        foreach (var part in Prefix.Length == 0 ? [] : Prefix.Split('/'))
        {
            text.Append('/').Append(Uri.EscapeDataString(part));
        }

        var separator = '?';
        Add("endpoint", Endpoint);
        Add("region", Region);
        Add("pathStyle", PathStyle ? "true" : "false");
        Add("ca", CaFile);
        Add("credentials", Credentials);
        return text.ToString();

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                // Slashes and colons mean nothing here, and people read it.
                text.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal));
                separator = '&';
            }
        }
    }

    private static (string First, string After) Split(string text, char separator)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        return at < 0 ? (text, "") : (text[..at], text[(at + 1)..]);
    }
}
