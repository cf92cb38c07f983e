using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using DyLoraMoe.Sandbox.Authorization;
using DyLoraMoe.Sandbox.Discovery;
using DyLoraMoe.Sandbox.Serving;
using DyLoraMoe.Sandbox.Storage;
using k8s;

namespace DyLoraMoe.Sandbox.Hosting;

/// <summary>A running sandbox: the API server, and the agents that are its clients.</summary>
internal sealed class SandboxServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ObjectStore _store;
    private readonly Certificates _certificates;
    private readonly CancellationTokenSource _stopping = new();
    private Task _agents = Task.CompletedTask;

    private SandboxServer(WebApplication app, ObjectStore store, Certificates certificates, SandboxOptions options, Tokens tokens)
    {
        _app = app;
        _store = store;
        _certificates = certificates;
        Options = options;
        Token = tokens.Admin;
    }

    /// <summary>How it runs, with its address.</summary>
    public SandboxOptions Options { get; }

    /// <summary>The administrator's token.</summary>
    public string Token { get; }

    /// <summary>Its parts, for tests that look inside.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a sandbox. It answers when this returns, and the kubeconfig is written.</summary>
    public static async Task<SandboxServer> StartAsync(SandboxOptions options, TimeProvider time, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(options.DataFolder);
        ObjectStore store = new(options.DataFolder, options.WatchHistory);
        Certificates? certificates = null;
        try
        {
            certificates = new Certificates(options.DataFolder, time);
            int port = options.Port != 0 ? options.Port : FreePort(options.DataFolder);
            options = options with { Port = port, Server = new Uri($"https://127.0.0.1:{port}"), CertificateAuthority = certificates.AuthorityPem };
            Tokens tokens = new(options.DataFolder, time);
            WebApplication app = Build(options, store, certificates.Server, tokens, time);
            SandboxServer server = new(app, store, certificates, options, tokens);
            await server.BeginAsync(cancellation).ConfigureAwait(false);
            return server;
        }
        catch
        {
            certificates?.Dispose();
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until the sandbox is told to stop. An agent that failed ends it with its error.</summary>
    public async Task WaitAsync()
    {
        Task stopped = _app.WaitForShutdownAsync();
        await (_agents.IsCompletedSuccessfully ? stopped : Task.WhenAny(stopped, _agents)).ConfigureAwait(false);
        if (_agents.IsFaulted)
        {
            await _agents.ConfigureAwait(false);
        }
    }

    /// <summary>A client that trusts the server and is the administrator.</summary>
    public HttpClient Client() => Client(Options.Server!, _certificates.AuthorityPem, Token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _agents.ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // They were asked to stop.
        }

        await _app.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        _certificates.Dispose();
        _stopping.Dispose();
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        Cluster cluster = _app.Services.GetRequiredService<Cluster>();
        await Bootstrap.RunAsync(cluster).ConfigureAwait(false);
        await _app.StartAsync(cancellation).ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(Options.DataFolder, "port"), Options.Port.ToString(CultureInfo.InvariantCulture), cancellation).ConfigureAwait(false);
        PrivateFile.Write(Options.KubeconfigPath, KubeconfigFile.Text(Options.Server!, _certificates.AuthorityPem, Token));
        if (Options.Manifests.Count > 0)
        {
            using HttpClient client = Client();
            await Manifests.ApplyAsync(cluster, Options.Manifests, client, cancellation).ConfigureAwait(false);
        }

        List<ISandboxAgent> agents = [.. _app.Services.GetServices<ISandboxAgent>()];
        if (agents.Count > 0)
        {
            KubernetesClientConfiguration configuration = await KubernetesClientConfiguration.BuildConfigFromConfigFileAsync(new FileInfo(Options.KubeconfigPath)).ConfigureAwait(false);
            _agents = RunAsync(agents, configuration);
        }
    }

    /// <summary>Runs until all agents ended; the first that fails ends the others.</summary>
    private async Task RunAsync(List<ISandboxAgent> agents, KubernetesClientConfiguration configuration)
    {
        using Kubernetes client = new(configuration);
        List<Task> running = [.. agents.Select(agent => Task.Run(() => agent.RunAsync(client, _stopping.Token)))];
        while (running.Count > 0)
        {
            Task ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            if (ended.IsFaulted)
            {
                await _stopping.CancelAsync().ConfigureAwait(false);
            }

            if (!ended.IsCanceled)
            {
                await ended.ConfigureAwait(false);
            }
        }

        await Task.Delay(Timeout.Infinite, _stopping.Token).ConfigureAwait(false);
    }

    private static WebApplication Build(SandboxOptions options, ObjectStore store, X509Certificate2 certificate, Tokens tokens, TimeProvider time)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.UseHttps(certificate));
        });
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));
        builder.Services.AddSingleton(options).AddSingleton(store).AddSingleton(tokens).AddSingleton(time)
            .AddSingleton<Cluster>().AddSingleton<AccessLog>().AddSingleton<AccessGuard>().AddSingleton<ObjectReader>().AddSingleton<ObjectWatcher>().AddSingleton<ObjectWriter>()
            .AddSingleton<ObjectPatcher>().AddSingleton<ObjectDeleter>().AddSingleton<ScaleResource>().AddSingleton<PodResources>().AddSingleton<PodEviction>().AddSingleton<PortForwarder>()
            .AddSingleton<OpenApiDocuments>().AddSingleton<DiscoveryDocuments>().AddSingleton<ApiHandler>()
            .AddHostedService<Cleaner>();
        if (options.Agents)
        {
            builder.Services.AddAgents(options);
        }

        WebApplication app = builder.Build();
        store.Logger = app.Services.GetRequiredService<ILogger<ObjectStore>>();
        ApiHandler handler = app.Services.GetRequiredService<ApiHandler>();
        app.UseWebSockets();
        app.Run(handler.HandleAsync);
        return app;
    }

    private static HttpClient Client(Uri server, string authorityPem, string token)
    {
        X509Certificate2 authority = X509Certificate2.CreateFromPem(authorityPem);
        SocketsHttpHandler handler = new();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            using X509Chain chain = new();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return certificate is X509Certificate2 found && chain.Build(found);
        };
        HttpClient client = new(handler) { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>The port of last time when it is free, so that kubeconfigs stay valid, or another.</summary>
    private static int FreePort(string folder)
    {
        string path = Path.Combine(folder, "port");
        int last = File.Exists(path) && int.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out int kept) ? kept : 0;
        foreach (int port in (ReadOnlySpan<int>)[last, 0])
        {
            try
            {
                using TcpListener probe = new(IPAddress.Loopback, port);
                probe.Start();
                return ((IPEndPoint)probe.LocalEndpoint).Port;
            }
            catch (SocketException) when (port != 0)
            {
                // Somebody else has it now.
            }
        }

        throw new IOException("no port of 127.0.0.1 is free");
    }
}
