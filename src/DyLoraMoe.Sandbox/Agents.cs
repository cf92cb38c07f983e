namespace DyLoraMoe.Sandbox;

/// <summary>Registers the agents. Each lives in its own folder and adds itself by implementing its partial method there.</summary>
internal static partial class Agents
{
    /// <summary>Adds every <see cref="ISandboxAgent"/> and what serves its part, such as <see cref="IPodLogs"/>.</summary>
    public static IServiceCollection AddAgents(this IServiceCollection services, SandboxOptions options)
    {
        AddControllers(services, options);
        AddKubelet(services, options);
        return services;
    }

    static partial void AddControllers(IServiceCollection services, SandboxOptions options);

    static partial void AddKubelet(IServiceCollection services, SandboxOptions options);
}
