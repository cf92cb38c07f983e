using DyLoraMoe.Router;
using DyLoraMoe.Router.CommandLine;

return await new Arguments().Command(async options =>
{
    var app = Server.Create(options);
    await app.RunAsync().ConfigureAwait(false);
    return 0;
}).Parse(args).InvokeAsync().ConfigureAwait(false);
