using System.Globalization;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Filters;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Tests;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Parsing;

/// <summary>Reads what stands behind a value: attributes, keys, calls, filters and tests.</summary>
/// <param name="tokens">The tokens.</param>
/// <param name="expressions">Reads what stands within brackets.</param>
internal sealed class SuffixParser(TokenReader tokens, ExpressionParser expressions)
{
    public Expression Postfix(Expression value)
    {
        for (var links = 0; ; links++)
        {
            tokens.CheckChain(links);
            var line = tokens.Line;
            if (tokens.SkipSign("."))
            {
                value = Attribute(value, line);
            }
            else if (tokens.SkipSign("["))
            {
                value = Item(value, line);
            }
            else if (tokens.IsSign("("))
            {
                value = Call(value, line);
            }
            else
            {
                return value;
            }
        }
    }

    public Expression FiltersAndTests(Expression value)
    {
        for (var links = 0; ; links++)
        {
            tokens.CheckChain(links);
            var line = tokens.Line;
            if (tokens.SkipSign("|"))
            {
                value = Filter(line)(value);
            }
            else if (tokens.SkipName("is"))
            {
                value = Test(value, line);
            }
            else if (tokens.IsSign("("))
            {
                value = Call(value, line);
            }
            else
            {
                return value;
            }
        }
    }

    public List<Func<Expression, Expression>> Filters()
    {
        List<Func<Expression, Expression>> filters = [];
        for (var line = tokens.Line; tokens.SkipSign("|"); line = tokens.Line)
        {
            filters.Add(Filter(line));
        }

        return filters;
    }

    private Expression Attribute(Expression value, int line) => tokens.Current.Kind switch
    {
        LexemeKind.Name => new AttributeExpression(line, value, tokens.Next().Text),
        LexemeKind.Whole => new ItemExpression(line, value, new LiteralExpression(line, new IntegerValue(long.Parse(tokens.Next().Text, CultureInfo.InvariantCulture)))),
        _ => throw tokens.Expected("a name behind the dot"),
    };

    private Expression Item(Expression value, int line)
    {
        var start = tokens.IsSign(":") ? null : expressions.Value();
        if (start is not null && tokens.SkipSign("]"))
        {
            return new ItemExpression(line, value, start);
        }

        tokens.ExpectSign(":");
        var stop = tokens.IsSign(":") || tokens.IsSign("]") ? null : expressions.Value();
        var step = tokens.SkipSign(":") && !tokens.IsSign("]") ? expressions.Value() : null;
        tokens.ExpectSign("]");
        return new SliceExpression(line, value, start, stop, step);
    }

    private CallExpression Call(Expression value, int line)
    {
        if (value is AttributeExpression { Name: var method } && !KnownMethods.IsKnown(method))
        {
            throw UnsupportedTemplate.At(line, $"calls the method '{method}', which is not supported");
        }

        return new CallExpression(line, value, expressions.Arguments());
    }

    private Func<Expression, Expression> Filter(int line)
    {
        var name = tokens.ExpectAnyName();
        var filter = FilterTable.Find(name) ?? throw UnsupportedTemplate.At(line, $"has the filter '{name}', which is not supported; known are {string.Join(", ", FilterTable.Names)}");
        var arguments = tokens.IsSign("(") ? expressions.Arguments() : ArgumentList.None;
        return input => new FilterExpression(line, input, name, filter, arguments);
    }

    private TestExpression Test(Expression value, int line)
    {
        var isNegated = tokens.SkipName("not");
        var name = tokens.ExpectAnyName();
        var test = TestTable.Find(name) ?? throw UnsupportedTemplate.At(line, $"has the test '{name}', which is not supported; known are {string.Join(", ", TestTable.Names)}");
        return new TestExpression(line, value, name, test, TestArguments(), isNegated);
    }

    private ArgumentList TestArguments()
    {
        if (tokens.IsSign("("))
        {
            return expressions.Arguments();
        }

        if (tokens.IsName("is"))
        {
            throw tokens.Wrong("has a test behind a test; put the first into brackets");
        }

        var isArgument = tokens.Current.Kind is LexemeKind.Quoted or LexemeKind.Whole or LexemeKind.Fraction
            || tokens.IsSign("[") || tokens.IsSign("{")
            || (tokens.Current.Kind == LexemeKind.Name && tokens.Current.Text is not ("else" or "or" or "and" or "if" or "in" or "not" or "recursive"));
        return isArgument ? new ArgumentList([Postfix(tokens.Within(expressions.Primary))], []) : ArgumentList.None;
    }
}
