using DyLoraMoe.Router.Engine;

namespace DyLoraMoe.Router.Sets;

/// <summary>Where this process is on its way to serving its set. Swapped whole; read from any thread.</summary>
internal sealed class SetState : IDisposable
{
    private volatile ServedSet? _current;
    private volatile SetProblem _problem = new("set", "The set is being loaded.", IsLoading: true);

    /// <summary>What is served; null before it is loaded.</summary>
    public ServedSet? Current => _current;

    /// <summary>Why nothing is served.</summary>
    public SetProblem Problem => _problem;

    /// <summary>States why nothing is served yet.</summary>
    public void Report(SetProblem problem) => _problem = problem;

    /// <summary>Starts to serve.</summary>
    public void Serve(ServedSet set) => _current = set;

    /// <summary>Ends serving and frees the set.</summary>
    public void Dispose()
    {
        _current?.Engine.Dispose();
        _current?.Set.Dispose();
    }
}

/// <summary>A set with the engine that serves it.</summary>
/// <param name="Set">The set.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Since">Unix time when it began, in seconds.</param>
internal sealed record ServedSet(LoadedSet Set, GenerationEngine Engine, long Since);

/// <summary>Why no set is served.</summary>
/// <param name="Part">What is at fault.</param>
/// <param name="Reason">Why.</param>
/// <param name="IsLoading">Whether nothing is wrong yet.</param>
internal sealed record SetProblem(string Part, string Reason, bool IsLoading);
