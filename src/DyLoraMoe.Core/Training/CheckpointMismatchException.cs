namespace DyLoraMoe.Core.Training;

/// <summary>A checkpoint belongs to another run than the one that found it.</summary>
public sealed class CheckpointMismatchException : Exception
{
    /// <summary>Names the checkpoint and what differs.</summary>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="differences">What differs, one phrase each.</param>
    public CheckpointMismatchException(string folder, IEnumerable<string> differences)
        : base($"The checkpoint {folder} is of another run: {string.Join("; ", differences)}. Go on with what it was made with, or name another checkpoint folder to start afresh.")
    {
    }
}
