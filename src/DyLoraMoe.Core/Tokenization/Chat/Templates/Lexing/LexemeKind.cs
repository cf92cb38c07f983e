namespace DyLoraMoe.Core.Tokenization.Chat.Templates.Lexing;

/// <summary>What a template's source is made of.</summary>
internal enum LexemeKind
{
    /// <summary>What is written as it stands.</summary>
    Data,

    /// <summary>Two opening braces.</summary>
    OutputStart,

    /// <summary>Two closing braces.</summary>
    OutputEnd,

    /// <summary>A brace and a percent sign.</summary>
    TagStart,

    /// <summary>A percent sign and a brace.</summary>
    TagEnd,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A quoted text, its escapes resolved.</summary>
    Quoted,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number with a fraction or an exponent.</summary>
    Fraction,

    /// <summary>An operator or a bracket.</summary>
    Sign,

    /// <summary>The end of the source.</summary>
    End,
}
