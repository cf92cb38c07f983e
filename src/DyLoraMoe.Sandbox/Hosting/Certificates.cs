using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>The sandbox's own certificate authority, kept in the data folder, and a server certificate that it signs at each start.</summary>
internal sealed class Certificates : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);
    private readonly X509Certificate2 _authority;

    /// <summary>Reads or makes the authority and makes a server certificate.</summary>
    public Certificates(string folder, TimeProvider time)
    {
        string certificate = Path.Combine(folder, "ca.crt"), key = Path.Combine(folder, "ca.key");
        if (!File.Exists(certificate) || !File.Exists(key))
        {
            MakeAuthority(certificate, key, time.GetUtcNow());
        }

        _authority = X509Certificate2.CreateFromPemFile(certificate, key);
        AuthorityPem = _authority.ExportCertificatePem();
        Server = MakeServer(time.GetUtcNow());
    }

    /// <summary>The authority's certificate in PEM.</summary>
    public string AuthorityPem { get; }

    /// <summary>The server's certificate with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        Server.Dispose();
    }

    private static void MakeAuthority(string certificate, string key, DateTimeOffset now)
    {
        using ECDsa pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=dylora-sandbox-ca", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using X509Certificate2 made = request.CreateSelfSigned(now.AddHours(-1), now + Lifetime);
        PrivateFile.Write(key, pair.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificate, made.ExportCertificatePem());
    }

    private X509Certificate2 MakeServer(DateTimeOffset now)
    {
        using ECDsa pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=dylora-sandbox", pair, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in (ReadOnlySpan<string>)["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"])
        {
            names.AddDnsName(name);
        }

        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        DateTimeOffset end = new(_authority.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        using X509Certificate2 made = request.Create(_authority, now.AddHours(-1), end, RandomNumberGenerator.GetBytes(16));
        return made.CopyWithPrivateKey(pair);
    }
}
