using DyLoraMoe.Operator;
using DyLoraMoe.Operator.Hosting;

// The image has no shell and no other program that could ask.
if (args is ["probe", var address, .. var rest])
{
    return await EndpointProbe.RunAsync(address, rest, TimeProvider.System);
}

await OperatorHost.Build(args, OperatorOptions.FromEnvironment(Environment.GetEnvironmentVariable)).RunAsync();
return 0;
