using System.Globalization;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Values;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Parsing;

/// <summary>Reads expressions; each method reads what binds tighter than the one before it, in Jinja's order.</summary>
/// <param name="tokens">The tokens.</param>
internal sealed class ExpressionParser(TokenReader tokens)
{
    /// <summary>A value, or several with commas between them.</summary>
    /// <param name="withCondition">False where an <c>if</c> behind it is somebody else's.</param>
    public Expression TupleOrValue(bool withCondition = true)
    {
        var line = tokens.Line;
        var first = withCondition ? Value() : Or();
        if (!tokens.IsSign(","))
        {
            return first;
        }

        List<Expression> items = [first];
        while (tokens.SkipSign(",") && !IsTupleEnd())
        {
            items.Add(withCondition ? Value() : Or());
        }

        return new ListExpression(line, items, isTuple: true);
    }

    /// <summary>One value.</summary>
    public Expression Value() => tokens.Within(() =>
    {
        var line = tokens.Line;
        var value = Or();
        for (var links = 0; tokens.SkipName("if"); links++)
        {
            tokens.CheckChain(links);
            var condition = Or();
            value = new ConditionalExpression(line, condition, value, tokens.SkipName("else") ? Value() : null);
        }

        return value;
    });

    /// <summary>Filters that stand one behind the other, without what goes into the first.</summary>
    public List<Func<Expression, Expression>> Filters() => new SuffixParser(tokens, this).Filters();

    /// <summary>The arguments of a call, with their brackets.</summary>
    public ArgumentList Arguments()
    {
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        tokens.ExpectSign("(");
        while (!tokens.SkipSign(")"))
        {
            if (tokens.IsSign("*") || tokens.IsSign("**"))
            {
                throw tokens.Wrong("hands over a list as arguments, which is not supported");
            }

            if (tokens.Current.Kind == LexemeKind.Name && tokens.IsFollowedBy("="))
            {
                var name = tokens.Next().Text;
                tokens.Next();
                named.Add((name, Value()));
            }
            else
            {
                positional.Add(named.Count == 0 ? Value() : throw tokens.Wrong("has an argument without a name behind one with a name"));
            }

            if (!tokens.IsSign(")"))
            {
                tokens.ExpectSign(",");
            }
        }

        return new ArgumentList(positional, named);
    }

    /// <summary>A value without operators around it.</summary>
    public Expression Primary()
    {
        var token = tokens.Next();
        switch (token.Kind)
        {
            case LexemeKind.Name:
                return Name(token);
            case LexemeKind.Quoted:
                var text = token.Text;
                while (tokens.Current.Kind == LexemeKind.Quoted)
                {
                    text += tokens.Next().Text;
                }

                return new LiteralExpression(token.Line, TextValue.Of(text));
            case LexemeKind.Whole:
                return new LiteralExpression(token.Line, long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole)
                    ? new IntegerValue(whole)
                    : throw UnsupportedTemplate.At(token.Line, $"has the number {token.Text}, which does not fit into 64 bits"));
            case LexemeKind.Fraction:
                return new LiteralExpression(token.Line, new FloatValue(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case LexemeKind.Sign when token.Text == "(":
                return Bracketed(token.Line);
            case LexemeKind.Sign when token.Text == "[":
                return new ListExpression(token.Line, Items("]", Value), isTuple: false);
            case LexemeKind.Sign when token.Text == "{":
                return new DictionaryExpression(token.Line, Items("}", Entry));
            default:
                throw UnsupportedTemplate.At(token.Line, $"should have a value, but has {token.Description}");
        }
    }

    private static Expression Name(TemplateToken token) => token.Text switch
    {
        "true" or "True" => new LiteralExpression(token.Line, BooleanValue.True),
        "false" or "False" => new LiteralExpression(token.Line, BooleanValue.False),
        "none" or "None" => new LiteralExpression(token.Line, NoneValue.Instance),
        _ when KnownMethods.IsUnsupported(token.Text) => throw UnsupportedTemplate.At(token.Line, $"has '{token.Text}', which is not supported"),
        _ => new NameExpression(token.Line, token.Text),
    };

    private bool IsTupleEnd() => tokens.Current.Kind is LexemeKind.OutputEnd or LexemeKind.TagEnd || tokens.IsSign(")") || tokens.IsName("if");

    private Expression Bracketed(int line)
    {
        if (tokens.SkipSign(")"))
        {
            return new ListExpression(line, [], isTuple: true);
        }

        var value = TupleOrValue();
        tokens.ExpectSign(")");
        return value;
    }

    private List<T> Items<T>(string end, Func<T> read)
    {
        List<T> items = [];
        while (!tokens.SkipSign(end))
        {
            items.Add(read());
            if (!tokens.IsSign(end))
            {
                tokens.ExpectSign(",");
            }
        }

        return items;
    }

    private (Expression Key, Expression Value) Entry()
    {
        var key = Value();
        tokens.ExpectSign(":");
        return (key, Value());
    }

    private Expression Or() => Logic("or", () => Logic("and", Not, isAnd: true), isAnd: false);

    private Expression Logic(string word, Func<Expression> read, bool isAnd)
    {
        var line = tokens.Line;
        List<Expression> parts = [read()];
        while (tokens.SkipName(word))
        {
            parts.Add(read());
        }

        return parts.Count == 1 ? parts[0] : new LogicExpression(line, parts, isAnd);
    }

    private Expression Not()
    {
        var line = tokens.Line;
        return tokens.SkipName("not") ? new UnaryExpression(line, tokens.Within(Not), value => BooleanValue.Of(!value.IsTrue)) : Compare();
    }

    private Expression Compare()
    {
        var line = tokens.Line;
        var first = Sum();
        List<(Func<Value, Value, bool>, Expression)> others = [];
        while (Comparator() is { } holds)
        {
            others.Add((holds, Sum()));
        }

        return others.Count == 0 ? first : new ComparisonExpression(line, first, others);
    }

    private Func<Value, Value, bool>? Comparator()
    {
        if (tokens.SkipName("in"))
        {
            return Comparison.IsIn;
        }

        if (tokens.SkipName("not"))
        {
            tokens.ExpectName("in");
            return (item, container) => !Comparison.IsIn(item, container);
        }

        return tokens.SkipSign("==") ? Comparison.AreEqual
            : tokens.SkipSign("!=") ? (left, right) => !Comparison.AreEqual(left, right)
            : tokens.SkipSign("<=") ? (left, right) => Comparison.Compare(left, right) <= 0
            : tokens.SkipSign(">=") ? (left, right) => Comparison.Compare(left, right) >= 0
            : tokens.SkipSign("<") ? (left, right) => Comparison.Compare(left, right) < 0
            : tokens.SkipSign(">") ? (left, right) => Comparison.Compare(left, right) > 0
            : null;
    }

    private Expression Sum() => Chain(Concat, () => tokens.SkipSign("+") ? Operators.Add : tokens.SkipSign("-") ? Operators.Subtract : null);

    private Expression Concat()
    {
        var line = tokens.Line;
        List<Expression> parts = [Product()];
        while (tokens.SkipSign("~"))
        {
            parts.Add(Product());
        }

        return parts.Count == 1 ? parts[0] : new ConcatExpression(line, parts);
    }

    private Expression Product() => Chain(Power, () => tokens.SkipSign("*") ? Operators.Multiply
        : tokens.SkipSign("/") ? Operators.Divide
        : tokens.SkipSign("//") ? Operators.FloorDivide
        : tokens.SkipSign("%") ? Operators.Remainder
        : null);

    private Expression Power() => Chain(() => Unary(), () => tokens.SkipSign("**") ? Operators.Power : null);

    private Expression Chain(Func<Expression> read, Func<Func<Value, Value, Value>?> operation)
    {
        var left = read();
        var line = tokens.Line;
        for (var links = 0; operation() is { } found; links++)
        {
            tokens.CheckChain(links);
            left = new BinaryExpression(line, left, found, read());
            line = tokens.Line;
        }

        return left;
    }

    private Expression Unary(bool withFilters = true)
    {
        var line = tokens.Line;
        var value = tokens.SkipSign("-") ? new UnaryExpression(line, tokens.Within(() => Unary(withFilters: false)), Operators.Negate)
            : tokens.SkipSign("+") ? new UnaryExpression(line, tokens.Within(() => Unary(withFilters: false)), Operators.Plus)
            : tokens.Within(Primary);
        SuffixParser suffixes = new(tokens, this);
        value = suffixes.Postfix(value);
        return withFilters ? suffixes.FiltersAndTests(value) : value;
    }
}
