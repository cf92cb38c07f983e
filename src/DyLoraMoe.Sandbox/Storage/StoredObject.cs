using System.Text.Json.Nodes;
using DyLoraMoe.Sandbox.Json;

namespace DyLoraMoe.Sandbox.Storage;

/// <summary>One object as it was at one resource version. Immutable: readers share it.</summary>
internal sealed class StoredObject(ObjectKey key, ulong version, byte[] utf8)
{
    private Form? _form;
    private volatile bool _isPast;

    /// <summary>Where it lives.</summary>
    public ObjectKey Key { get; } = key;

    /// <summary>The resource version of the write that made it.</summary>
    public ulong Version { get; } = version;

    /// <summary>Its canonical text: apiVersion, kind, metadata, then the rest.</summary>
    public byte[] Utf8 { get; } = utf8;

    /// <summary>Its parsed form, shared by all readers: never change it. Call <see cref="Parse"/> for a copy to change.</summary>
    public JsonObject Shared => _form?.Item ?? SharedAs<object?>(null, static (_, _) => { });

    /// <summary>The shared form in a shape of today, into which <paramref name="fit"/> brings it once, before anybody sees it.</summary>
    public JsonObject SharedAs<TShape>(TShape shape, Action<JsonObject, TShape> fit)
        where TShape : class?
    {
        if (_form is { Item: { } known } form && ReferenceEquals(form.Shape, shape))
        {
            return known;
        }

        JsonObject parsed = Parse();
        fit(parsed, shape);
        _form = new Form(shape, parsed, _isPast);
        return parsed;
    }

    /// <summary>Notes that this is the past: few will read it again.</summary>
    public void Supersede()
    {
        _isPast = true;
        if (_form is { Item: { } item } form)
        {
            _form = new Form(form.Shape, item, isPast: true);
        }
    }

    /// <summary>A fresh parsed form that the caller may change.</summary>
    public JsonObject Parse() => JsonText.ParseObject(Utf8);

    /// <summary>The parsed form, held weakly once a newer state took this one's place: it takes ten times the memory of the text.</summary>
    private sealed class Form(object? shape, JsonObject item, bool isPast)
    {
        private readonly JsonObject? _item = isPast ? null : item;
        private readonly WeakReference<JsonObject>? _past = isPast ? new(item) : null;

        public object? Shape { get; } = shape;

        public JsonObject? Item => _item ?? (_past?.TryGetTarget(out JsonObject? still) == true ? still : null);
    }
}
