namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

/// <summary>Bounds lists within lists, so that whatever walks through one comes to its end.</summary>
internal static class NestedDepth
{
    public static int Of(IEnumerable<Value> items)
    {
        var deepest = 0;
        foreach (var item in items)
        {
            deepest = Math.Max(deepest, item.Depth);
        }

        return deepest < TemplateLimits.Depth ? deepest + 1 : throw new TemplateError($"Lists lie within each other more than {TemplateLimits.Depth} times.");
    }
}
