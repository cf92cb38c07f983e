namespace DyLoraMoe.Sandbox.Storage;

/// <summary>One committed write. <see cref="Current"/> is null after a deletion, <see cref="Previous"/> before a creation.</summary>
/// <param name="Version">The write's resource version.</param>
/// <param name="Key">The object that was written.</param>
/// <param name="Previous">The object before the write.</param>
/// <param name="Current">The object after the write.</param>
/// <param name="Last">After a deletion: the last state, with the deletion's resource version.</param>
internal sealed record StoreEvent(ulong Version, ObjectKey Key, StoredObject? Previous, StoredObject? Current, StoredObject? Last);
