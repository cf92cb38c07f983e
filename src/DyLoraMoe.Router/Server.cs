using System.ComponentModel.DataAnnotations;
using DyLoraMoe.Core.Memory;
using DyLoraMoe.Router.Endpoints;
using DyLoraMoe.Router.Feedback;
using DyLoraMoe.Router.Limits;
using DyLoraMoe.Router.Memory;
using DyLoraMoe.Router.Metrics;
using DyLoraMoe.Router.Sets;

namespace DyLoraMoe.Router;

/// <summary>Puts the server together.</summary>
internal static class Server
{
    /// <summary>A server that is ready to run. It listens first and loads then.</summary>
    /// <param name="options">What it was started with.</param>
    /// <param name="logging">Changes where the log goes; standard output, as JSON, when null.</param>
    /// <exception cref="ValidationException">An option is out of range.</exception>
    public static WebApplication Create(ServerOptions options, Action<ILoggingBuilder>? logging = null)
    {
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        Validator.ValidateObject(options.Engine, new ValidationContext(options.Engine), validateAllProperties: true);
        if (options.Feedback is { } feedback)
        {
            Validator.ValidateObject(feedback, new ValidationContext(feedback), validateAllProperties: true);
        }

        if (options.Memory is { } memory)
        {
            Validator.ValidateObject(memory, new ValidationContext(memory), validateAllProperties: true);
            Validator.ValidateObject(memory.Store, new ValidationContext(memory.Store), validateAllProperties: true);
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var address in ListenAddresses.Of(options.Address, options.Port))
            {
                kestrel.Listen(address, options.Port, listen =>
                {
                    var drain = listen.ApplicationServices.GetRequiredService<DrainState>();
                    listen.Use(next => connection => drain.CountAsync(() => next(connection)));
                });
            }

            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBody;
        });
        builder.Logging.ClearProviders().AddJsonConsole(console =>
        {
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            console.UseUtcTimestamp = true;
            console.IncludeScopes = false;
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information).AddFilter("System", LogLevel.Warning);
        logging?.Invoke(builder.Logging);
        AddServices(builder.Services, options);
        var app = builder.Build();
        app.UseMiddleware<RequestLogMiddleware>();
        app.UseMiddleware<ErrorMiddleware>();
        app.UseRouting();
        if (app.Services.GetService<ApiKeys>() is { } keys)
        {
            keys.Begin();
            app.UseMiddleware<ApiKeyMiddleware>(keys);
        }

        Map(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<SetState>();
        services.AddSingleton<DrainState>();
        services.AddSingleton(new GpuReadings());
        services.AddSingleton<RouterMetrics>();
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Grace);
        services.AddHostedService<SetService>();
        services.AddTracing();
        if (options.ApiKeys is { } file)
        {
            services.AddSingleton(provider => new ApiKeys(file, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ApiKeys>>()));
        }

        if (options.Feedback is { } feedback)
        {
            services.AddSingleton(feedback).AddSingleton<FeedbackStore>().AddHostedService<FeedbackExpiry>();
        }

        if (options.Memory is { } memory)
        {
            services.AddSingleton(memory).AddSingleton(memory.Store).AddSingleton<EpisodeStore>().AddSingleton<EpisodicMemory>().AddSingleton<MemoryReplicas>();
            services.AddHostedService<MemoryExpiry>().AddHostedService(provider => provider.GetRequiredService<MemoryReplicas>()).AddHostedService<MemoryHandover>().AddHostedService<MemoryRenewal>();
        }
    }

    private static void Map(WebApplication app)
    {
        Get("/", PageEndpoint.HandleAsync);
        Get("/healthz", HealthEndpoints.HealthyAsync);
        Get("/readyz", HealthEndpoints.ReadyAsync);
        Get("/metrics", MetricsAsync);
        Get("/v1/models", ModelsEndpoint.HandleAsync);
        Get("/v1/models/{model}", ModelsEndpoint.HandleAsync);
        Get("/v1/set", SetEndpoint.HandleAsync);
        Get("/v1/novelty", NoveltyEndpoint.GetAsync);
        app.MapPost("/v1/novelty", NoveltyEndpoint.PostAsync);
        app.MapPost("/v1/route", ExplainEndpoint.HandleAsync);
        app.MapPost("/v1/feedback", FeedbackEndpoint.HandleAsync);
        Get("/v1/memory", MemoryEndpoint.ListAsync);
        app.MapDelete("/v1/memory", MemoryEndpoint.ForgetUserAsync);
        app.MapDelete("/v1/memory/{id}", MemoryEndpoint.ForgetAsync);
        app.MapPost("/v1/completions", CompletionEndpoint.HandleAsync);
        app.MapPost("/v1/chat/completions", ChatEndpoint.HandleAsync);

        // Whoever only asks whether there is something means the same thing.
        void Get(string path, RequestDelegate handle) => app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], handle);
    }

    private static async Task MetricsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await context.Response.WriteAsync(context.RequestServices.GetRequiredService<RouterMetrics>().Text(), context.RequestAborted).ConfigureAwait(false);
    }
}
