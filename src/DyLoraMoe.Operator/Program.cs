using DyLoraMoe.Operator;
using DyLoraMoe.Operator.Hosting;

await OperatorHost.Build(args, OperatorOptions.FromEnvironment(Environment.GetEnvironmentVariable)).RunAsync();
