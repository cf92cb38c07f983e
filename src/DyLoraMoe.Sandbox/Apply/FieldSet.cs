using System.Text.Json.Nodes;

namespace DyLoraMoe.Sandbox.Apply;

/// <summary>
/// A set of fields of an object, as <c>metadata.managedFields</c> writes it: a tree whose steps are <c>f:name</c>, <c>k:{…}</c> for an item
/// of a keyed list and <c>v:…</c> for an item of a set. A node that is in the set itself is a member; one that is only on the way is not.
/// </summary>
internal sealed class FieldSet
{
    /// <summary>Whether the field at this node is in the set.</summary>
    public bool Member { get; set; }

    /// <summary>What is below, by step.</summary>
    public SortedDictionary<string, FieldSet> Children { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether nothing is in the set.</summary>
    public bool IsEmpty => !Member && Children.Values.All(child => child.IsEmpty);

    /// <summary>The node below a step, made when it is not there.</summary>
    public FieldSet At(string step)
    {
        if (!Children.TryGetValue(step, out FieldSet? child))
        {
            Children[step] = child = new FieldSet();
        }

        return child;
    }

    /// <summary>The node below a step, or null.</summary>
    public FieldSet? Find(string step) => Children.GetValueOrDefault(step);

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    public static FieldSet Read(JsonNode? source)
    {
        FieldSet set = new();
        foreach ((string step, JsonNode? below) in source as JsonObject ?? [])
        {
            if (step == ".")
            {
                set.Member = true;
                continue;
            }

            FieldSet child = set.At(step);
            if (below is JsonObject { Count: > 0 })
            {
                FieldSet read = Read(below);
                child.Member = read.Member;
                foreach ((string inner, FieldSet value) in read.Children)
                {
                    child.Children[inner] = value;
                }
            }
            else
            {
                child.Member = true;
            }
        }

        return set;
    }

    /// <summary>Writes <c>fieldsV1</c>.</summary>
    public JsonObject Write()
    {
        JsonObject result = [];
        if (Member && Children.Count > 0)
        {
            result["."] = new JsonObject();
        }

        foreach ((string step, FieldSet child) in Children)
        {
            result[step] = child.Write();
        }

        return result;
    }

    /// <summary>Adds all of another set.</summary>
    public void Add(FieldSet other)
    {
        Member |= other.Member;
        foreach ((string step, FieldSet child) in other.Children)
        {
            At(step).Add(child);
        }
    }

    /// <summary>Removes the members of another set, and the nodes that have nothing left.</summary>
    public void Remove(FieldSet other)
    {
        Member &= !other.Member;
        foreach ((string step, FieldSet child) in other.Children)
        {
            if (Find(step) is { } own)
            {
                own.Remove(child);
                if (own.IsEmpty)
                {
                    Children.Remove(step);
                }
            }
        }
    }

    /// <summary>Removes a node and all below it.</summary>
    public void RemoveTree(params ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            Children.Remove(path[0]);
        }
        else if (Find(path[0]) is { } child)
        {
            child.RemoveTree(path[1..]);
            if (child.IsEmpty)
            {
                Children.Remove(path[0]);
            }
        }
    }

    /// <summary>The members that are in both sets.</summary>
    public FieldSet Intersect(FieldSet other)
    {
        FieldSet both = new() { Member = Member && other.Member };
        foreach ((string step, FieldSet child) in Children)
        {
            if (other.Find(step) is { } match && child.Intersect(match) is { IsEmpty: false } shared)
            {
                both.Children[step] = shared;
            }
        }

        return both;
    }

    /// <summary>A copy.</summary>
    public FieldSet Copy()
    {
        FieldSet copy = new();
        copy.Add(this);
        return copy;
    }

    /// <summary>Whether two sets have the same members.</summary>
    public bool Same(FieldSet other) => JsonNode.DeepEquals(Write(), other.Write());

    /// <summary>The members as paths, such as <c>.spec.containers[name="main"].image</c>.</summary>
    public IEnumerable<string> Paths() => Paths("");

    private IEnumerable<string> Paths(string path)
    {
        if (Member)
        {
            yield return path;
        }

        foreach ((string step, FieldSet child) in Children)
        {
            foreach (string found in child.Paths(path + Shown(step)))
            {
                yield return found;
            }
        }
    }

    /// <summary>Whether a value can be read as a set.</summary>
    public static bool IsReadable(JsonNode? source) => source is JsonObject item
        && item.All(pair => pair.Key == "." || (pair.Key.Length > 1 && pair.Key[1] == ':' && pair.Key[0] is 'f' or 'k' or 'v' or 'i' && IsReadable(pair.Value)));

    /// <summary>A step as paths show it.</summary>
    public static string Shown(string step) => step[..2] switch
    {
        "k:" => "[" + string.Join(',', (JsonNode.Parse(step[2..]) as JsonObject ?? []).Select(pair => $"{pair.Key}={Json.JsonText.String(pair.Value)}")) + "]",
        "v:" => $"[={step[2..]}]",
        _ => "." + step[2..],
    };
}
