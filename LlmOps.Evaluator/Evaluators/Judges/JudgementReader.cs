using System.Text;
using System.Text.Json;

namespace LlmOps.Evaluator.Evaluators.Judges;

/// <summary>Finds the judgement in what a judge answered: in a code fence, with text before or after it, or alone.</summary>
internal static class JudgementReader
{
    /// <summary>The last complete JSON object that has a member of this name.</summary>
    /// <param name="text">What the judge answered.</param>
    /// <param name="member">What a judgement has, such as score; its case does not matter.</param>
    /// <exception cref="JudgementException">There is none.</exception>
    // The last: a judge that thinks aloud, or quotes the form that it was given, ends with what it means. An object that others lie in
    // is looked into only where it is no judgement itself, so that a judgement's own parts are none.
    public static Judgement Find(string text, string member)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Judgement? found = null;
        for (var at = NextObject(bytes, 0); at >= 0;)
        {
            if (Parse(bytes.AsSpan(at), out var length) is { } judgement && judgement.Has(member))
            {
                found = judgement;
                at += length;
            }
            else
            {
                at++;
            }

            at = NextObject(bytes, at);
        }

        return found ?? throw new JudgementException($"The judge's answer has no JSON object with '{member}': {(text.Length == 0 ? "it is empty" : Judgement.Short(text))}");
    }

    // What begins so may be one; a brace of a formula or of code mostly does not, and costs nothing.
    private static int NextObject(ReadOnlySpan<byte> bytes, int from)
    {
        for (var at = from; at < bytes.Length; at++)
        {
            if (bytes[at] == '{' && bytes[(at + 1)..].TrimStart(" \t\r\n"u8) is [(byte)'"', ..])
            {
                return at;
            }
        }

        return -1;
    }

    private static Judgement? Parse(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new Utf8JsonReader(bytes);
        try
        {
            var json = JsonElement.ParseValue(ref reader);
            length = (int)reader.BytesConsumed;
            return new Judgement(json);
        }
        catch (JsonException)
        {
            // It does not end, or is something else.
            length = 0;
            return null;
        }
    }
}
