namespace DyLoraMoe.Router.Endpoints;

/// <summary>How long a request may take, whatever it waits for.</summary>
internal sealed class RequestLimit : IDisposable
{
    private readonly HttpContext _context;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _linked;

    private RequestLimit(HttpContext context, TimeSpan time, TimeProvider clock)
    {
        _context = context;
        Began = clock.GetTimestamp();
        _limit = new CancellationTokenSource(time, clock);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, context.RequestAborted);
    }

    /// <summary>Timestamp of its begin.</summary>
    public long Began { get; }

    /// <summary>Ends with the time, or when the client goes.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>The limit of a request that begins now.</summary>
    public static RequestLimit Of(HttpContext context) =>
        new(context, context.RequestServices.GetRequiredService<ServerOptions>().RequestTime, context.RequestServices.GetRequiredService<TimeProvider>());

    /// <summary>Waits for something that ends with <see cref="Token"/>.</summary>
    /// <exception cref="ApiException">The time was over.</exception>
    public async Task<T> WithinAsync<T>(Task<T> task)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_limit.IsCancellationRequested && !_context.RequestAborted.IsCancellationRequested)
        {
            throw new ApiException(
                503, "server_error", "The request took longer than this server allows. Ask for fewer tokens, or try again when it is less busy.", code: "timeout") { IsFinal = true };
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _limit.Dispose();
    }
}
