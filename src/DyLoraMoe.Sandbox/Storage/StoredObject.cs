using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>One object as it was at one resource version. Immutable: readers share it.</summary>
internal sealed class StoredObject(ObjectKey key, ulong version, byte[] utf8)
{
    private JsonObject? _shared;

    /// <summary>Where it lives.</summary>
    public ObjectKey Key { get; } = key;

    /// <summary>The resource version of the write that made it.</summary>
    public ulong Version { get; } = version;

    /// <summary>Its canonical text: apiVersion, kind, metadata, then the rest.</summary>
    public byte[] Utf8 { get; } = utf8;

    /// <summary>Its parsed form, shared by all readers: never change it. Call <see cref="Parse"/> for a copy to change.</summary>
    public JsonObject Shared => _shared ??= Parse();

    /// <summary>A fresh parsed form that the caller may change.</summary>
    public JsonObject Parse() => JsonText.ParseObject(Utf8);
}
