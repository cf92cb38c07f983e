using System.Text;
using System.Text.Json.Nodes;
using DyLoraMoe.Api;
using DyLoraMoe.Api.Resources;
using DyLoraMoe.Kubectl.CommandLine;

namespace DyLoraMoe.Kubectl.Learn;

/// <summary>A Skill as it is applied: no field beyond those that were asked for, so that this writer owns no others.</summary>
internal sealed record SkillDraft
{
    // kubectl itself applies more than this only server-side, and every watch of skills carries what is inline.
    private const int MostInline = 200_000;

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace; null for that of the context.</summary>
    public string? Namespace { get; init; }

    /// <summary>The backbone that is to learn it.</summary>
    public required string Backbone { get; init; }

    /// <summary>What is to be learnt.</summary>
    public required Examples Examples { get; init; }

    /// <summary>Share that is held out; null for the default.</summary>
    public int? HeldOutPercent { get; init; }

    /// <summary>The expert that learns it without asking; null for none.</summary>
    public string? Extend { get; init; }

    /// <summary>Whether examples that nearly repeat another are left out.</summary>
    public bool DropDuplicates { get; init; }

    /// <summary>Whether a new expert learns it without asking.</summary>
    public bool IsNew { get; init; }

    /// <summary>Bytes of the examples.</summary>
    public int Size => Encoding.UTF8.GetByteCount(Examples.Text);

    /// <summary>The ConfigMap that the examples go into; null when they lie in the Skill itself.</summary>
    public string? ConfigMapName => Size > MostInline ? ExampleMaps.NameOf(Name, Key, Examples.Text) : null;

    /// <summary>The manifests, in the order in which they are applied: a ConfigMap for examples that are too many for the Skill itself, and the Skill.</summary>
    /// <exception cref="PluginException">The examples are too many for the API, or the share that is held out is none.</exception>
    public (JsonObject? ConfigMap, JsonObject Skill) Manifests()
    {
        if (HeldOutPercent is < 1 or > Bounds.HeldOutPercent)
        {
            throw new PluginException($"--held-out: expected 1 to {Bounds.HeldOutPercent} percent, found {HeldOutPercent}; the rest is what is learnt from.", ExitCode.Usage);
        }

        if (Size > Bounds.InlineLength)
        {
            throw new PluginException($$$"""
                the examples have {{{Output.Figures.Whole(Size)}}} bytes, and at most {{{Output.Figures.Whole(Bounds.InlineLength)}}} go through the cluster's API.
                Put them on a volume or into a bucket that the cluster reaches, and apply a Skill that refers to them:
                  data: {persistentVolumeClaim: {claimName: CLAIM, path: FOLDER}}
                  data: {s3: {bucket: BUCKET, prefix: FOLDER}}
                docs/reference/skill.md says more.
                """);
        }

        var map = ConfigMapName;
        var data = map is null
            ? new JsonObject { ["inline"] = Examples.Text }
            : new JsonObject { ["configMapRef"] = new JsonObject { ["name"] = map, ["key"] = Key } };
        data["format"] = Examples.Format;
        Set(data, "inputField", Examples.InputField);
        Set(data, "outputField", Examples.OutputField);
        if (Examples.Chat)
        {
            data["chat"] = true;
        }

        if (DropDuplicates)
        {
            data["dropDuplicates"] = true;
        }

        var spec = new JsonObject { ["backboneRef"] = new JsonObject { ["name"] = Backbone }, ["data"] = data };
        if (HeldOutPercent is { } share)
        {
            spec["heldOutPercent"] = share;
        }

        if (IsNew || Extend is not null)
        {
            spec["novelty"] = Extend is null
                ? new JsonObject { ["mode"] = SkillNovelty.Novel }
                : new JsonObject { ["mode"] = SkillNovelty.Extend, ["expertRef"] = new JsonObject { ["name"] = Extend } };
        }

        var skill = new JsonObject { ["apiVersion"] = ApiNames.GroupVersion, ["kind"] = Skill.KindName, ["metadata"] = Metadata(Name), ["spec"] = spec };
        return (map is null ? null : ConfigMap(map), skill);
    }

    /// <summary>A name from that of a file or folder; null when nothing of it can stand in a name.</summary>
    public static string? NameOf(string path)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        var plain = File.Exists(path) ? Path.GetFileNameWithoutExtension(name) : name;
        var signs = string.Join('-', string.Concat(plain.ToLowerInvariant().Select(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) ? sign : '-')).Split('-', StringSplitOptions.RemoveEmptyEntries));
        var begin = signs.AsSpan().IndexOfAnyInRange('a', 'z');
        return begin < 0 ? null : signs[begin..][..Math.Min(signs.Length - begin, Bounds.NameLength)].TrimEnd('-');
    }

    private string Key => Examples.Format switch
    {
        DataFormats.Csv => "examples.csv",
        DataFormats.Json => "examples.json",
        _ => "examples.jsonl",
    };

    private JsonObject ConfigMap(string name)
    {
        var metadata = Metadata(name);
        metadata["labels"] = ExampleMaps.LabelsOf(Name);
        return new() { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = metadata, ["data"] = new JsonObject { [Key] = Examples.Text } };
    }

    private JsonObject Metadata(string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        Set(metadata, "namespace", Namespace);
        return metadata;
    }

    private static void Set(JsonObject item, string field, string? value)
    {
        if (value is not null)
        {
            item[field] = value;
        }
    }
}
