using System.Text.Json;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>A tool call, or a piece of one.</summary>
/// <param name="Index">Its place among the calls; null where it is not told.</param>
/// <param name="Id">Its id; null where it is not told, or was told before.</param>
/// <param name="Name">The function's name; null where it was told before.</param>
/// <param name="Arguments">The arguments as text, or the next piece of them.</param>
internal readonly record struct OpenAIToolCall(int? Index, string? Id, string? Name, string Arguments)
{
    /// <summary>Reads the member's value if it is a list of calls.</summary>
    public static List<OpenAIToolCall>? ReadList(ref Utf8JsonReader reader)
    {
        if (!reader.OpenList())
        {
            return null;
        }

        var calls = new List<OpenAIToolCall>(1);
        while (reader.NextItem())
        {
            calls.Add(Read(ref reader));
        }

        return calls;
    }

    /// <summary>Reads the member's value: a function, its name and its arguments; null where it is absent.</summary>
    public static OpenAIToolCall? ReadFunction(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            var absent = reader.TokenType == JsonTokenType.Null;
            reader.Skip();
            return absent ? null : new OpenAIToolCall(null, null, null, "");
        }

        string? name = null, arguments = null, input = null;
        while (reader.NextMember())
        {
            if (reader.Is("arguments"u8))
            {
                arguments = reader.Text();
            }
            else if (reader.Is("name"u8))
            {
                name = reader.Text();
            }
            else if (reader.Is("input"u8))
            {
                // What a custom tool is given.
                input = reader.Text();
            }
            else
            {
                reader.SkipValue();
            }
        }

        return new OpenAIToolCall(null, null, name, arguments ?? input ?? "");
    }

    private static OpenAIToolCall Read(ref Utf8JsonReader reader)
    {
        int? index = null;
        string? id = null;
        OpenAIToolCall? function = null, custom = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return new OpenAIToolCall(null, null, null, "");
        }

        while (reader.NextMember())
        {
            if (reader.Is("function"u8))
            {
                function = ReadFunction(ref reader);
            }
            else if (reader.Is("index"u8))
            {
                index = reader.Int32();
            }
            else if (reader.Is("id"u8))
            {
                id = reader.Text();
            }
            else if (reader.Is("custom"u8))
            {
                custom = ReadFunction(ref reader);
            }
            else
            {
                reader.SkipValue();
            }
        }

        return (function ?? custom ?? new OpenAIToolCall(null, null, null, "")) with { Index = index, Id = id };
    }
}
