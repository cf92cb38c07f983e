using System.Text.Json;

namespace DyLoraMoe.Core.Tokenization.Loading;

/// <summary>Reads the <c>post_processor</c> of a <c>tokenizer.json</c>: the ids in front of and behind a text.</summary>
internal static class PostProcessorReader
{
    public static (List<int> Prefix, List<int> Suffix) Read(JsonPart part)
    {
        List<int> prefix = [];
        List<int> suffix = [];
        if (!part.IsNull)
        {
            Add(part, prefix, suffix);
        }

        return (prefix, suffix);
    }

    private static void Add(JsonPart part, List<int> prefix, List<int> suffix)
    {
        switch (part["type"].Text())
        {
            case "ByteLevel":
                break;
            case "Sequence":
                foreach (var inner in part["processors"].Items())
                {
                    Add(inner, prefix, suffix);
                }

                break;
            case "TemplateProcessing":
                AddTemplate(part, prefix, suffix);
                break;
            case "BertProcessing" or "RobertaProcessing":
                prefix.Insert(0, part["cls"].Items().Last().Integer());
                suffix.Add(part["sep"].Items().Last().Integer());
                break;
            case var other:
                throw new NotSupportedException($"{part.Place} is a '{other}' post-processor. Supported: TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel, Sequence.");
        }
    }

    private static void AddTemplate(JsonPart part, List<int> prefix, List<int> suffix)
    {
        List<int> before = [];
        List<int> after = [];
        var seen = false;
        foreach (var piece in part["single"].Items())
        {
            if (piece["Sequence"].Kind == JsonValueKind.Object)
            {
                seen = true;
                continue;
            }

            var name = piece["SpecialToken"]["id"].Text();
            (seen ? after : before).AddRange(part["special_tokens"][name]["ids"].Items().Select(id => id.Integer()));
        }

        if (!seen)
        {
            throw part["single"].Wrong("a template with a Sequence in it");
        }

        prefix.InsertRange(0, before);
        suffix.AddRange(after);
    }
}
