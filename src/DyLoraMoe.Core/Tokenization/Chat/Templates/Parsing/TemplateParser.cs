using DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;
using DyLoraMoe.Core.Tokenization.Chat.Templates.Nodes;

namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Parsing;

/// <summary>Reads a template's statements.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(IReadOnlyList<TemplateToken> tokens)
    {
        _tokens = new TokenReader(tokens);
        _expressions = new ExpressionParser(_tokens);
    }

    /// <exception cref="NotSupportedException">The source is damaged, or holds something that is not supported; the message names it and its line.</exception>
    public static Statement Parse(string source)
    {
        TemplateParser parser = new(TemplateLexer.Read(source));
        var body = parser.Body();
        return parser._tokens.Current.Kind == LexemeKind.End ? body : throw parser._tokens.Wrong($"has '{parser._tokens.Current.Text}' without what it ends");
    }

    /// <summary>Statements up to the end of the source, or to a tag that one of the names begins; the tag's name is current then.</summary>
    private SequenceStatement Body(params string[] ends) => _tokens.Within(() =>
    {
        var line = _tokens.Line;
        List<Statement> statements = [];
        while (true)
        {
            var token = _tokens.Next();
            switch (token.Kind)
            {
                case LexemeKind.Data:
                    statements.Add(new DataStatement(token.Line, token.Text));
                    break;
                case LexemeKind.OutputStart:
                    statements.Add(new OutputStatement(token.Line, _expressions.TupleOrValue()));
                    _tokens.Expect(LexemeKind.OutputEnd, "'}}'");
                    break;
                case LexemeKind.End when ends.Length == 0:
                case LexemeKind.TagStart when _tokens.Current.Kind == LexemeKind.Name && (ends.Contains(_tokens.Current.Text) || IsEnd(_tokens.Current.Text)):
                    return new SequenceStatement(line, statements);
                case LexemeKind.TagStart:
                    statements.Add(Tag());
                    break;
                default:
                    throw UnsupportedTemplate.At(line, $"begins a block that does not end; expected '{string.Join("' or '", ends)}'");
            }
        }
    });

    private static bool IsEnd(string name) => name is "else" or "elif" || name.StartsWith("end", StringComparison.Ordinal);

    private Statement Tag()
    {
        var line = _tokens.Line;
        var name = _tokens.ExpectAnyName();
        return name switch
        {
            "if" => If(line),
            "for" => For(line),
            "set" => Set(line),
            "macro" => Macro(line),
            "generation" => new GenerationStatement(line, Block("endgeneration")),
            "break" => Jump(line, name, Flow.Break),
            "continue" => Jump(line, name, Flow.Continue),
            _ => throw UnsupportedTemplate.At(line, $"has the tag '{name}', which is not supported; if, for, set, macro, break, continue and generation are"),
        };
    }

    /// <summary>The rest of a tag, what follows it, and the tag that ends that.</summary>
    private SequenceStatement Block(string end)
    {
        EndTag();
        var body = Body(end);
        _tokens.ExpectName(end);
        EndTag();
        return body;
    }

    private void EndTag() => _tokens.Expect(LexemeKind.TagEnd, "'%}'");

    private IfStatement If(int line)
    {
        List<(Expression, Statement)> branches = [];
        do
        {
            var condition = _expressions.TupleOrValue(withCondition: false);
            EndTag();
            branches.Add((condition, Body("elif", "else", "endif")));
        }
        while (_tokens.SkipName("elif"));
        var hasElse = _tokens.SkipName("else");
        var otherwise = hasElse ? Block("endif") : null;
        if (!hasElse)
        {
            _tokens.ExpectName("endif");
            EndTag();
        }

        return new IfStatement(line, branches, otherwise);
    }

    private ForStatement For(int line)
    {
        var target = Target(withNamespace: false);
        _tokens.ExpectName("in");
        var items = _expressions.TupleOrValue(withCondition: false);
        var condition = _tokens.SkipName("if") ? _expressions.Value() : null;
        if (_tokens.IsName("recursive"))
        {
            throw _tokens.Wrong("has a recursive loop, which is not supported");
        }

        EndTag();
        _loops++;
        var body = Body("else", "endfor");
        _loops--;
        var hasElse = _tokens.SkipName("else");
        var otherwise = hasElse ? Block("endfor") : null;
        if (!hasElse)
        {
            _tokens.ExpectName("endfor");
            EndTag();
        }

        return new ForStatement(line, target, items, condition, body, otherwise);
    }

    private SetStatement Set(int line)
    {
        var target = Target(withNamespace: true);
        if (_tokens.SkipSign("="))
        {
            var value = _expressions.TupleOrValue();
            EndTag();
            return new SetStatement(line, target, value);
        }

        var filters = _expressions.Filters();
        Expression captured = new CapturedExpression(line, Block("endset"));
        return new SetStatement(line, target, filters.Aggregate(captured, (input, filter) => filter(input)));
    }

    private MacroStatement Macro(int line)
    {
        var name = _tokens.ExpectAnyName();
        List<(string, Expression?)> parameters = [];
        _tokens.ExpectSign("(");
        while (!_tokens.SkipSign(")"))
        {
            var parameter = _tokens.ExpectAnyName();
            parameters.Add((parameter, _tokens.SkipSign("=") ? _expressions.Value() : null));
            if (!_tokens.IsSign(")"))
            {
                _tokens.ExpectSign(",");
            }
        }

        var loops = _loops;
        _loops = 0;
        var body = Block("endmacro");
        _loops = loops;
        return new MacroStatement(line, name, parameters, body);
    }

    private JumpStatement Jump(int line, string name, Flow flow)
    {
        EndTag();
        return _loops > 0 ? new JumpStatement(line, flow) : throw UnsupportedTemplate.At(line, $"has '{name}' outside a loop");
    }

    private AssignmentTarget Target(bool withNamespace)
    {
        List<AssignmentTarget> targets = [SingleTarget(withNamespace)];
        var isTuple = _tokens.IsSign(",");
        while (_tokens.SkipSign(",") && (_tokens.IsSign("(") || (_tokens.Current.Kind == LexemeKind.Name && !_tokens.IsName("in"))))
        {
            targets.Add(SingleTarget(withNamespace));
        }

        return isTuple ? new TupleTarget(targets) : targets[0];
    }

    private AssignmentTarget SingleTarget(bool withNamespace)
    {
        if (_tokens.SkipSign("("))
        {
            var inner = _tokens.Within(() => Target(withNamespace));
            _tokens.ExpectSign(")");
            return inner;
        }

        var name = _tokens.ExpectAnyName();
        return withNamespace && _tokens.SkipSign(".") ? new NamespaceTarget(name, _tokens.ExpectAnyName()) : new NameTarget(name);
    }
}
