using System.Text.Json;
using System.Text.Unicode;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Caching.Completions;

/// <summary>Whether a completion is whole, in one pass and without a document.</summary>
internal static class CompletionCheck
{
    // As many as a stream's reader takes.
    private const int MostChoices = 128;
    private const int MostCalls = 128;

    /// <summary>Whether it ended as answers should in all of its choices, is not filtered, refused or empty, and can be read again.</summary>
    /// <param name="completion">Anything.</param>
    public static bool IsWhole(ReadOnlySpan<byte> completion)
    {
        // Most of what is none is seen here, without an exception.
        var json = completion.Trim(" \t\r\n"u8);
        if (json is not [(byte)'{', .., (byte)'}'] || !Utf8.IsValid(json))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            return reader.Read() && ReadCompletion(ref reader) && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool ReadCompletion(ref Utf8JsonReader reader)
    {
        var whole = false;
        while (reader.NextMember())
        {
            if (reader.Is("choices"u8))
            {
                // Two lists are one too many.
                if (whole || !ReadChoices(ref reader))
                {
                    return false;
                }

                whole = true;
            }
            else if (reader.Is("error"u8))
            {
                if (SaysSomething(ref reader))
                {
                    return false;
                }
            }
            else
            {
                reader.SkipValue();
            }
        }

        return whole;
    }

    private static bool ReadChoices(ref Utf8JsonReader reader)
    {
        if (!reader.OpenList())
        {
            return false;
        }

        var (count, seen) = (0, UInt128.Zero);
        while (reader.NextItem())
        {
            var index = count++;
            if (reader.TokenType != JsonTokenType.StartObject || !ReadChoice(ref reader, ref index) || index is < 0 or >= MostChoices)
            {
                return false;
            }

            // Streamed, two of one index would be one.
            var place = UInt128.One << index;
            if ((seen & place) != 0)
            {
                return false;
            }

            seen |= place;
        }

        return count > 0;
    }

    private static bool ReadChoice(ref Utf8JsonReader reader, ref int index)
    {
        var (ended, answered) = (false, false);
        while (reader.NextMember())
        {
            if (reader.Is("finish_reason"u8))
            {
                reader.Read();
                ended = reader.TokenType == JsonTokenType.String && (reader.Is("stop"u8) || reader.Is("length"u8) || reader.Is("tool_calls"u8) || reader.Is("function_call"u8));
                reader.Skip();
            }
            else if (reader.Is("message"u8))
            {
                if (answered || !ReadMessage(ref reader))
                {
                    return false;
                }

                answered = true;
            }
            else if (reader.Is("index"u8))
            {
                index = reader.Int32() ?? index;
            }
            else if (reader.Is("error"u8))
            {
                if (SaysSomething(ref reader))
                {
                    return false;
                }
            }
            else
            {
                reader.SkipValue();
            }
        }

        return ended && answered;
    }

    private static bool ReadMessage(ref Utf8JsonReader reader)
    {
        if (!reader.OpenObject())
        {
            return false;
        }

        var (refused, full) = (false, false);
        while (reader.NextMember())
        {
            if (reader.Is("refusal"u8))
            {
                refused |= SaysSomething(ref reader);
            }
            else if (reader.Is("content"u8) || reader.Is("function_call"u8) || reader.Is("audio"u8) || reader.Is("images"u8))
            {
                full |= SaysSomething(ref reader);
            }
            else if (reader.Is("tool_calls"u8))
            {
                if (ReadCalls(ref reader) is not { } any)
                {
                    return false;
                }

                full |= any;
            }
            else
            {
                reader.SkipValue();
            }
        }

        return full && !refused;
    }

    // Whether there are any; null where they have no form in a stream.
    private static bool? ReadCalls(ref Utf8JsonReader reader)
    {
        var count = 0;
        if (!reader.OpenList())
        {
            return false;
        }

        while (reader.NextItem())
        {
            if (reader.TokenType != JsonTokenType.StartObject || ++count > MostCalls)
            {
                return null;
            }

            reader.Skip();
        }

        return count > 0;
    }

    // A text, list or object that is not empty; true, or a number.
    private static bool SaysSomething(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return !reader.ValueSpan.IsEmpty;
            case JsonTokenType.StartArray or JsonTokenType.StartObject:
                var ahead = reader;
                reader.Skip();
                ahead.Read();
                return ahead.BytesConsumed < reader.BytesConsumed;
            default:
                return reader.TokenType is JsonTokenType.True or JsonTokenType.Number;
        }
    }
}
