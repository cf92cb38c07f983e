namespace DyLoraMoe.Core.Tokenization.Chat;

/// <summary>What stands in for a missing template where the vocabulary has the markers of a known family.</summary>
internal static class UsualTemplates
{
    private const string ChatMl =
        """
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|im_start|>assistant\n' }}
        {%- endif %}
        """;

    private const string Llama3 =
        """
        {{- bos_token }}
        {%- for message in messages %}
            {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
        {%- endif %}
        """;

    private const string Gemma =
        """
        {{- bos_token }}
        {%- for message in messages %}
            {%- if message.role == 'system' %}
                {{- raise_exception('Gemma has no system role; put the instruction into the first user message.') }}
            {%- elif (message.role == 'user') != (loop.index0 % 2 == 0) %}
                {{- raise_exception('Gemma conversations alternate user and assistant; message ' ~ loop.index0 ~ ' is of the ' ~ message.role ~ ' again.') }}
            {%- endif %}
            {{- '<start_of_turn>' + ('model' if message.role == 'assistant' else message.role) + '\n' + message.content | trim + '<end_of_turn>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}
            {{- '<start_of_turn>model\n' }}
        {%- endif %}
        """;

    private static readonly (string Marker, string Name, string Text)[] _families =
        [("<|im_start|>", "ChatML", ChatMl), ("<|start_header_id|>", "Llama 3", Llama3), ("<start_of_turn>", "Gemma", Gemma)];

    /// <summary>What is said of a tokenizer that has neither.</summary>
    public static string Missing { get; } =
        $"The tokenizer has no chat template: chat_template.jinja, or chat_template in tokenizer_config.json. Without one, its vocabulary must have {string.Join(" or ", _families.Select(family => $"{family.Marker} ({family.Name})"))}.";

    /// <summary>Name and text of the template for a vocabulary, or null.</summary>
    public static (string Name, string Text)? Find(Predicate<string> hasToken)
    {
        foreach (var (marker, name, text) in _families)
        {
            if (hasToken(marker))
            {
                return (name, text);
            }
        }

        return null;
    }
}
