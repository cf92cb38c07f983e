using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DyLoraMoe.Kubectl.Cluster;
using DyLoraMoe.Kubectl.CommandLine;
using DyLoraMoe.Testing;

namespace DyLoraMoe.Kubectl.Tests.Cluster;

/// <summary>Kubeconfigs as kubectl reads them.</summary>
public sealed class KubeconfigTests : IDisposable
{
    private const string Context = """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts:
        - name: here
          context: {cluster: there, user: me, namespace: team}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_path_is_beside_the_file_that_names_it()
    {
        using var key = RSA.Create(2048);
        using var certificate = new CertificateRequest("CN=there", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));
        var files = Files("""
            clusters:
            - name: there
              cluster: {server: "https://127.0.0.1:6443", certificate-authority: pki/ca.crt}
            users:
            - name: me
              user: {client-certificate: pki/me.crt, client-key: ./pki/me.key}
            """);
        Directory.CreateDirectory(_folder["second/pki"]);
        File.WriteAllText(_folder["second/pki/ca.crt"], certificate.ExportCertificatePem());

        var found = ClusterConfiguration.Load(files, null).Configuration;

        Assert.Equal(certificate.Thumbprint, Assert.Single(found.SslCaCerts).Thumbprint);
        Assert.Equal((_folder["second/pki/me.crt"], _folder["second/pki/me.key"], "team"), (found.ClientCertificateFilePath, found.ClientKeyFilePath, found.Namespace));
    }

    [Theory]
    [InlineData("tokenFile: token")]
    [InlineData("token: old, tokenFile: token")]
    public async Task A_token_is_read_from_its_file_and_wins_over_one_that_is_written_down(string user)
    {
        var files = Files($"clusters: [{{name: there, cluster: {{server: \"http://127.0.0.1:6443\"}} }}]\nusers: [{{name: me, user: {{{user}}} }}]\n");

        Assert.Contains($"the tokenFile {_folder["second/token"]} of the user me does not exist", Assert.Throws<PluginException>(() => ClusterConfiguration.Load(files, null)).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["second/token"], "from-the-file\n", TestContext.Current.CancellationToken);
        var header = await ClusterConfiguration.Load(files, null).Configuration.TokenProvider.GetAuthenticationHeaderAsync(TestContext.Current.CancellationToken);

        Assert.Equal("Bearer from-the-file", header.ToString());
    }

    [Theory]
    [InlineData("as-groups: [dev]", "has as-uid, as-groups or as-user-extra, but no as")]
    [InlineData("as: \"ana\\r\\nX-Other: 1\"", "has a character that no header can hold")]
    public void An_impersonation_that_makes_no_sense_is_refused(string user, string said)
    {
        var files = Files($"clusters: [{{name: there, cluster: {{server: \"http://127.0.0.1:6443\"}} }}]\nusers: [{{name: me, user: {{token: mine, {user}}} }}]\n");

        Assert.Contains(said, Assert.Throws<PluginException>(() => ClusterConfiguration.Load(files, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_YAML_is_named_with_its_line_and_an_empty_one_is_left_aside()
    {
        Assert.Contains($"{_folder["second/config"]}, line 2: ", Assert.Throws<PluginException>(() => ClusterConfiguration.Load(Files("clusters:\n  }{\n"), null)).Message, StringComparison.Ordinal);
        Assert.Equal("http://127.0.0.1:6443", ClusterConfiguration.Load([.. Files(""), .. Files("clusters: [{name: there, cluster: {server: \"http://127.0.0.1:6443\"} }]\nusers: [{name: me, user: {token: mine} }]\n")], null).Configuration.Host);
    }

    // The first says what is meant, the second who and where that is.
    private FileInfo[] Files(string second)
    {
        foreach (var (name, text) in ((string, string)[])[("first", Context), ("second", second)])
        {
            Directory.CreateDirectory(_folder[name]);
            File.WriteAllText(_folder[$"{name}/config"], text);
        }

        return [new(_folder["first/config"]), new(_folder["second/config"])];
    }
}
