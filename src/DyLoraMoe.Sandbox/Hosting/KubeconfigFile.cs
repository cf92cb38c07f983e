using System.Text;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>The file by which clients find the sandbox.</summary>
internal static class KubeconfigFile
{
    /// <summary>The text of a kubeconfig.</summary>
    public static string Text(Uri server, string authorityPem, string token) => $"""
        apiVersion: v1
        kind: Config
        current-context: dylora-sandbox
        clusters:
        - name: dylora-sandbox
          cluster:
            server: {server.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(authorityPem))}
        contexts:
        - name: dylora-sandbox
          context:
            cluster: dylora-sandbox
            user: admin
            namespace: default
        users:
        - name: admin
          user:
            token: {token}

        """;
}
