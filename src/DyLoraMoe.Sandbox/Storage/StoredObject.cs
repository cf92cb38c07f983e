using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>One object as it was at one resource version. Immutable: readers share it.</summary>
internal sealed class StoredObject(ObjectKey key, ulong version, byte[] utf8)
{
    // The parsed form, or a weak reference to it once a newer state took this one's place: it takes ten times the memory of the text.
    private object? _shared;
    private volatile bool _isPast;

    /// <summary>Where it lives.</summary>
    public ObjectKey Key { get; } = key;

    /// <summary>The resource version of the write that made it.</summary>
    public ulong Version { get; } = version;

    /// <summary>Its canonical text: apiVersion, kind, metadata, then the rest.</summary>
    public byte[] Utf8 { get; } = utf8;

    /// <summary>Its parsed form, shared by all readers: never change it. Call <see cref="Parse"/> for a copy to change.</summary>
    public JsonObject Shared
    {
        get
        {
            var known = _shared;
            if ((known as JsonObject ?? ((known as WeakReference<JsonObject>)?.TryGetTarget(out JsonObject? still) == true ? still : null)) is { } parsed)
            {
                return parsed;
            }

            parsed = Parse();
            _shared = _isPast ? new WeakReference<JsonObject>(parsed) : parsed;
            return parsed;
        }
    }

    /// <summary>Notes that this is the past: few will read it again.</summary>
    public void Supersede()
    {
        _isPast = true;
        if (_shared is JsonObject parsed)
        {
            _shared = new WeakReference<JsonObject>(parsed);
        }
    }

    /// <summary>A fresh parsed form that the caller may change.</summary>
    public JsonObject Parse() => JsonText.ParseObject(Utf8);
}
