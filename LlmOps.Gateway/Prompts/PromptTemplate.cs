using System.Text;

namespace LlmOps.Gateway.Prompts;

/// <summary>
/// A text with places for values: <c>{{name}}</c>, white space allowed. <c>\{{</c> stands for two literal braces, <c>\\{{</c>
/// for a backslash before a value. Values are data: what looks like a place in one is left alone.
/// </summary>
internal sealed class PromptTemplate
{
    /// <summary>What a name must look like, for messages.</summary>
    public const string NameForm = "a name of up to 64 letters, digits, _ and -";

    private const string Opens = "{{";
    private const string Closes = "}}";

    private readonly IReadOnlyList<Piece> _pieces;

    private PromptTemplate(string source, IReadOnlyList<Piece> pieces) => (Source, _pieces) = (source, pieces);

    /// <summary>The text, as it is written.</summary>
    public string Source { get; }

    /// <summary>The names that it has places for, each once, in their order.</summary>
    public IReadOnlyList<string> Names => [.. _pieces.Where(piece => piece.IsName).Select(piece => piece.Text).Distinct()];

    /// <summary>Whether a text can be a variable's name.</summary>
    public static bool IsName(ReadOnlySpan<char> text) => text.Length is > 0 and <= 64 && (char.IsAsciiLetter(text[0]) || text[0] == '_') && !text.ContainsAnyExcept(NameCharacters);

    private static readonly System.Buffers.SearchValues<char> NameCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    /// <summary>Reads a text.</summary>
    /// <exception cref="PromptTemplateException">Two braces open what is no place for a value.</exception>
    public static PromptTemplate Parse(string text)
    {
        List<Piece> pieces = [];
        var literal = new StringBuilder();
        var position = 0;
        while (text.IndexOf(Opens, position, StringComparison.Ordinal) is >= 0 and var opening)
        {
            var backslashes = 0;
            while (opening - backslashes > position && text[opening - backslashes - 1] == '\\')
            {
                backslashes++;
            }

            // Before braces a backslash escapes, itself too.
            literal.Append(text, position, opening - position - backslashes).Append('\\', backslashes / 2);
            if (backslashes % 2 == 1)
            {
                literal.Append(Opens);
                position = opening + Opens.Length;
                continue;
            }

            var closing = text.IndexOf(Closes, opening, StringComparison.Ordinal);
            var name = closing < 0 ? "" : text[(opening + Opens.Length)..closing].Trim();
            if (!IsName(name))
            {
                throw new PromptTemplateException(opening, "{{ begins no variable here; expected {{name}} of letters, digits, _ and -, or \\{{ for literal braces.");
            }

            AddLiteral(pieces, literal);
            pieces.Add(new Piece(name, IsName: true));
            position = closing + Closes.Length;
        }

        literal.Append(text, position, text.Length - position);
        AddLiteral(pieces, literal);
        return new PromptTemplate(text, pieces);
    }

    /// <summary>The text with values in their places.</summary>
    /// <param name="values">A value for each name.</param>
    public string Render(IReadOnlyDictionary<string, string> values) =>
        string.Concat(_pieces.Select(piece => piece.IsName ? values[piece.Text] : piece.Text));

    private static void AddLiteral(List<Piece> pieces, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            pieces.Add(new Piece(literal.ToString(), IsName: false));
            literal.Clear();
        }
    }

    private readonly record struct Piece(string Text, bool IsName);
}

/// <summary>A text is no template.</summary>
/// <param name="position">Where, in characters from its beginning.</param>
/// <param name="reason">What is wrong, and what was expected.</param>
internal sealed class PromptTemplateException(int position, string reason) : Exception(reason)
{
    /// <summary>Where, in characters from its beginning.</summary>
    public int Position { get; } = position;
}
