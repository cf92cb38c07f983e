namespace DyLoraMoe.Artifacts;

/// <summary>A job's own folder, which outlives it. One process at a time has it; others wait until it is disposed of, or its process is dead.</summary>
public interface IJobFolder : IDisposable
{
    /// <summary>Where it is on this machine.</summary>
    string Path { get; }

    /// <summary>Makes what is in it now what the next try finds: all of it, in one moment.</summary>
    void Save();
}
