using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using DyLoraMoe.Api.Conditions;
using DyLoraMoe.Api.Jobs;

namespace DyLoraMoe.Artifacts.S3;

/// <summary>Makes the SDK's client for a location: address, credentials and trust.</summary>
internal static class S3ClientFactory
{
    /// <summary>The client.</summary>
    /// <param name="location">Where.</param>
    /// <param name="variable">Reads a variable of the environment.</param>
    /// <param name="options">How.</param>
    /// <exception cref="S3Exception">A variable or the file of certificates is missing.</exception>
    public static AmazonS3Client Create(S3Location location, Func<string, string?> variable, S3Options options)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = location.Region,
            ForcePathStyle = location.PathStyle,

            // Tries are counted in one place, and that is not here.
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromMinutes(10),

            // Digests are checked by whoever reads; the SDK's own checksums are unknown to many stores.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            HttpClientFactory = new Trusting(Authorities(location), options),
        };
        if (location.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(location.Region);
        }

        return Credentials(location, variable) is { } credentials ? new AmazonS3Client(credentials, config) : new AmazonS3Client(config);
    }

    private static AWSCredentials? Credentials(S3Location location, Func<string, string?> variable)
    {
        if (location.Credentials is null)
        {
            return null;
        }

        var (key, secret) = (Required(location.AccessKeyVariable), Required(location.SecretKeyVariable));
        return variable(location.SessionTokenVariable) is { Length: > 0 } token ? new SessionAWSCredentials(key, secret, token) : new BasicAWSCredentials(key, secret);

        // Secrets are often written with a line's end after them.
        string Required(string name) => variable(name)?.Trim() is { Length: > 0 } value
            ? value
            : throw new S3Exception(Reasons.AccessDenied, true, $"{location.Name}: the variable {name} is not set. Give the Secret the keys AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
    }

    private static X509Certificate2Collection? Authorities(S3Location location)
    {
        if (location.CaFile is not { } file)
        {
            return null;
        }

        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(file);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new S3Exception(Reasons.CertificateInvalid, true, $"{location.Name}: the certificates in {Path.GetFileName(file)} cannot be read: {error.Message}", error);
        }

        return found.Count > 0 ? found : throw new S3Exception(Reasons.CertificateInvalid, true, $"{location.Name}: {Path.GetFileName(file)} holds no certificate in PEM form.");
    }

    private sealed class Trusting(X509Certificate2Collection? authorities, S3Options options) : HttpClientFactory
    {
        private readonly Lazy<HttpClient> _client = new(() => Make(authorities, options));

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client.Value;

        // One for all calls: it holds the connections.
        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        private static HttpClient Make(X509Certificate2Collection? authorities, S3Options options)
        {
            var handler = new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(15),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                AllowAutoRedirect = false,
            };
            if (authorities is not null)
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.AddRange(authorities);
                handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
            }

            return new HttpClient(handler, disposeHandler: true) { Timeout = options.Silence * 10 };
        }
    }
}
