using DyLoraMoe.Operator;
using DyLoraMoe.Operator.Cluster;
using DyLoraMoe.Operator.Hosting;
using k8s.Exceptions;

const string usage = "usage: dylora-operator | dylora-operator probe URL [SECONDS]; options are environment variables (docs/reference/operator.md)";
if (args is ["--help" or "-h"])
{
    Console.WriteLine(usage);
    return 0;
}

// The image has no shell and no other program that could ask.
if (args is ["probe", var address, .. var rest])
{
    return await EndpointProbe.RunAsync(address, rest, TimeProvider.System);
}

if (args.Length > 0)
{
    await Console.Error.WriteLineAsync($"dylora-operator: unknown argument '{args[0]}'; {usage}");
    return 2;
}

ApiJson.Install();
try
{
    await OperatorHost.Build(OperatorOptions.FromEnvironment(Environment.GetEnvironmentVariable)).RunAsync();
    return 0;
}
catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or KubeConfigException)
{
    // Wrong from the start: an option, a kubeconfig, an address that is taken.
    await Console.Error.WriteLineAsync($"dylora-operator: {error.Message}");
    return 1;
}
