using System.CommandLine;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using DyLoraMoe.Core.Compute;
using DyLoraMoe.Router;
using DyLoraMoe.Router.CommandLine;

// Before anything loads libtorch.
IdleThreads.Sleep();
FreedMemory.Keep();

// The server drains by itself on signals; the default would end the process two seconds after the first one.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };

return await new Arguments().Command(async options =>
{
    try
    {
        var app = Server.Create(options);
        await app.RunAsync().ConfigureAwait(false);
        return 0;
    }
    catch (SocketException error)
    {
        // An address of another machine, or a port that needs rights.
        await Console.Error.WriteLineAsync($"dylora-router: cannot listen on {new IPEndPoint(options.Address, options.Port)}: {error.Message}").ConfigureAwait(false);
        return 1;
    }
    catch (Exception error) when (error is ValidationException or IOException or InvalidDataException or UnauthorizedAccessException)
    {
        // Wrong from the start, so trying again would not help: an option, a file that cannot be read, an address that is taken.
        await Console.Error.WriteLineAsync($"dylora-router: {error.Message}").ConfigureAwait(false);
        return 1;
    }
}).Parse(args).InvokeAsync(invocation).ConfigureAwait(false);
