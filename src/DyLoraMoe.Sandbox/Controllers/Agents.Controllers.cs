using DyLoraMoe.Sandbox.Controllers;

namespace DyLoraMoe.Sandbox;

internal static partial class Agents
{
    static partial void AddControllers(IServiceCollection services, SandboxOptions options) =>
        services.AddSingleton<ISandboxAgent>(provider =>
        {
            // The server's address and certificate are known only once it runs, so the options are taken as they are then.
            var now = provider.GetService<SandboxOptions>() ?? options;
            return new ClusterAgent(
                new ClusterOptions
                {
                    DataDirectory = now.DataFolder,
                    Images = now.Images,
                    Gpus = now.Gpus,
                    Server = now.Server,
                    CertificateAuthority = now.CertificateAuthority,
                },
                provider.GetRequiredService<ILoggerFactory>(),
                provider.GetService<TimeProvider>() ?? TimeProvider.System);
        });
}
